package org.transfer4j.inspection;

import java.util.List;

/**
 * The same image in two parts, such as training and test: figures on the latter say too much.
 *
 * @param images two or more that are the same, or nearly so: what is the same is one picture to the eye
 * @param identical whether they are the same bytes, not only alike in pixels and features
 */
public record LeakedImage(List<InspectedImage> images, boolean identical) implements Finding {
    /**
     * Copies the list.
     *
     * @param images as above
     * @param identical as above
     */
    public LeakedImage {
        images = List.copyOf(images);
    }

    static List<LeakedImage> find(Subject subject) {
        return subject.groups().stream()
                .filter(group -> group.differ(InspectedImage::part))
                .map(group -> new LeakedImage(group.images(), group.identical()))
                .toList();
    }

    @Override
    public String note() {
        return Subject.Group.note(images, identical);
    }

    @Override
    public LeakedImage withoutPaths() {
        return new LeakedImage(images.stream().map(InspectedImage::withoutPath).toList(), identical);
    }

    @Override
    public String toString() {
        return images + ": " + note();
    }
}
