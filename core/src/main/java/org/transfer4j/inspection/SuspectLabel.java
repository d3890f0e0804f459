package org.transfer4j.inspection;

import java.util.Comparator;
import java.util.List;
import org.transfer4j.internal.text.TextTable;

/**
 * A label that is probably wrong.
 *
 * @param image the image that has it
 * @param suggestion the name of the class that it more probably has
 * @param probability of the suggestion, 0 to 1, by a probe that did not learn from the image
 * @param labelProbability of the label, likewise
 */
public record SuspectLabel(InspectedImage image, String suggestion, double probability, double labelProbability)
        implements Finding {
    static List<SuspectLabel> find(Subject subject) {
        return subject.suspects().stream()
                .map(suspect -> new SuspectLabel(
                        subject.image(suspect.image()),
                        subject.classNames().get(suspect.suggestion()),
                        subject.probability(suspect.image(), suspect.suggestion()),
                        subject.probability(suspect.image(), subject.label(suspect.image()))))
                .sorted(Comparator.comparingDouble(SuspectLabel::labelProbability))
                .toList();
    }

    /**
     * The image's place in its data set.
     *
     * @return from 0
     */
    public int index() {
        return image.index();
    }

    /**
     * The label that it has.
     *
     * @return the name of the class
     */
    public String label() {
        return image.label();
    }

    @Override
    public List<InspectedImage> images() {
        return List.of(image);
    }

    @Override
    public String note() {
        return "probably " + suggestion + " (" + TextTable.decimals(probability, 3) + "), not " + label() + " ("
                + TextTable.decimals(labelProbability, 3) + ")";
    }

    @Override
    public SuspectLabel withoutPaths() {
        return new SuspectLabel(image.withoutPath(), suggestion, probability, labelProbability);
    }

    @Override
    public String toString() {
        return image + ": " + note();
    }
}
