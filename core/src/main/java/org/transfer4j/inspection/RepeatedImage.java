package org.transfer4j.inspection;

import java.util.List;

/**
 * An image that is there more than once.
 *
 * @param images two or more that are the same, or nearly so: what is the same is one picture to the eye
 * @param identical whether they are the same bytes, not only alike in pixels and features
 */
public record RepeatedImage(List<InspectedImage> images, boolean identical) implements Finding {
    /**
     * Copies the list.
     *
     * @param images as above
     * @param identical as above
     */
    public RepeatedImage {
        images = List.copyOf(images);
    }

    static List<RepeatedImage> find(Subject subject) {
        return subject.groups().stream()
                .map(group -> new RepeatedImage(group.images(), group.identical()))
                .toList();
    }

    @Override
    public String note() {
        return Subject.Group.note(images, identical);
    }

    @Override
    public RepeatedImage withoutPaths() {
        return new RepeatedImage(
                images.stream().map(InspectedImage::withoutPath).toList(), identical);
    }

    @Override
    public String toString() {
        return images + ": " + note();
    }
}
