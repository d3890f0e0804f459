package org.transfer4j.inspection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A class with few images or none. In the first part, from which is learned, few are less than a tenth of what the largest
 * class has, or less than five, of which no label can be judged; in the others only classes without images are told.
 *
 * @param part the data set's name, or ""
 * @param name the class
 * @param count how many images that can be read it has there
 * @param largest how many the largest class has there
 */
public record RareClass(String part, String name, int count, int largest) implements Finding {
    private static final int TENTH = 10;

    static List<RareClass> find(Subject subject) {
        List<RareClass> rare = new ArrayList<>();
        for (int part = 0; part < subject.partNames().size(); part++) {
            int[] counts = subject.counts(part);
            int largest = Arrays.stream(counts).max().orElse(0);
            for (int c = 0; c < counts.length; c++) {
                boolean few = part == 0 && (counts[c] < Subject.FOLDS || TENTH * counts[c] < largest);
                if (counts[c] == 0 || few) {
                    rare.add(new RareClass(
                            subject.partNames().get(part), subject.classNames().get(c), counts[c], largest));
                }
            }
        }
        return rare;
    }

    @Override
    public List<InspectedImage> images() {
        return List.of();
    }

    @Override
    public String note() {
        return (count == 0 ? "no image" : count + (count == 1 ? " image" : " images")) + ", the largest class has "
                + largest + (count > 0 && count < Subject.FOLDS ? "; too few to judge labels" : "");
    }

    @Override
    public RareClass withoutPaths() {
        return this;
    }

    @Override
    public String toString() {
        return (part.isEmpty() ? "" : part + " ") + "class " + name + ": " + note();
    }
}
