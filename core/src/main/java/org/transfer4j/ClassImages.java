package org.transfer4j;

import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.feature.ImageSource;

/** Which classes have images. What has none is not learned, however good the accuracy on the others looks. */
final class ClassImages {
    private static final Logger LOG = LoggerFactory.getLogger(ClassImages.class);

    private ClassImages() {}

    /**
     * Checks images to learn from, where their classes are known by now, and warns of classes without images.
     *
     * @param images how many there are
     * @param multiLabel whether images have several classes, or none
     * @throws DatasetException if fewer than two classes have images; one is enough where there are images without any
     */
    static void require(ImageSource training, long images, boolean multiLabel) {
        training.classCounts().ifPresent(counts -> {
            List<String> without = without(counts, training.classNames());
            boolean toldApart = multiLabel && IntStream.of(counts).anyMatch(count -> count > 0 && count < images);
            if (counts.length - without.size() < 2 && !toldApart) {
                throw new DatasetException(
                        null,
                        "a classifier needs images of 2 classes or more, the training data has none of " + without
                                + ": of " + training.classNames() + " it has "
                                + IntStream.of(counts).boxed().toList()
                                + " images. Where limit took the first images of a folder, which is in the order of"
                                + " the classes, shuffle before it");
            }
            warn("training", without);
        });
    }

    /** Warns of classes that images for validation lack. */
    static void look(ImageSource validation) {
        validation.classCounts().ifPresent(counts -> warn("validation", without(counts, validation.classNames())));
    }

    private static List<String> without(int[] counts, List<String> names) {
        return IntStream.range(0, counts.length)
                .filter(i -> counts[i] == 0)
                .mapToObj(names::get)
                .toList();
    }

    private static void warn(String what, List<String> without) {
        if (!without.isEmpty()) {
            LOG.warn(
                    "classes without images in the {} data: {}; {}",
                    what,
                    without,
                    what.equals("training")
                            ? "they are in the output, but nothing is learned of them, and what was known of them fades"
                            : "the figures say nothing of them");
        }
    }
}
