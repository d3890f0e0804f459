package org.transfer4j.inspection;

import java.util.List;

/**
 * A file that is no image, or only a part of one, or that was left out when the data set was opened.
 *
 * @param part the data set's name, or ""; "" where it was left out
 * @param index its place in that data set, from 0; -1 where it was left out
 * @param image where it comes from
 * @param reason what is wrong with it
 */
public record UnreadableImage(String part, int index, String image, String reason) implements Finding {
    @Override
    public List<InspectedImage> images() {
        return List.of();
    }

    @Override
    public String note() {
        return reason;
    }

    @Override
    public UnreadableImage withoutPaths() {
        return new UnreadableImage(part, index, index < 0 ? "a file" : "image " + index, reason);
    }

    @Override
    public String toString() {
        return (part.isEmpty() ? "" : part + " ") + image + ": " + reason;
    }
}
