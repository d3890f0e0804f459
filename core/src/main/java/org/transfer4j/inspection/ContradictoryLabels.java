package org.transfer4j.inspection;

import java.util.List;

/**
 * The same image under two labels or more.
 *
 * @param images two or more that are the same, or nearly so: what is the same is one picture to the eye
 * @param identical whether they are the same bytes, not only alike in pixels and features
 */
public record ContradictoryLabels(List<InspectedImage> images, boolean identical) implements Finding {
    /**
     * Copies the list.
     *
     * @param images as above
     * @param identical as above
     */
    public ContradictoryLabels {
        images = List.copyOf(images);
    }

    static List<ContradictoryLabels> find(Subject subject) {
        return subject.groups().stream()
                .filter(group -> group.differ(InspectedImage::label))
                .map(group -> new ContradictoryLabels(group.images(), group.identical()))
                .toList();
    }

    @Override
    public String note() {
        return Subject.Group.note(images, identical);
    }

    @Override
    public ContradictoryLabels withoutPaths() {
        return new ContradictoryLabels(
                images.stream().map(InspectedImage::withoutPath).toList(), identical);
    }

    @Override
    public String toString() {
        return images + ": " + note();
    }
}
