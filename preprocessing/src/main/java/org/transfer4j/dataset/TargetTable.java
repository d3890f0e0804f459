package org.transfer4j.dataset;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.transfer4j.internal.label.LabelText;

/** What holds for the numbers of images and for the names of these numbers, wherever they come from. */
final class TargetTable {
    private TargetTable() {}

    /** Names of targets that have none: "target", or "target 1" and so on. */
    static List<String> names(int targets) {
        return targets == 1
                ? List.of("target")
                : IntStream.rangeClosed(1, targets).mapToObj(i -> "target " + i).toList();
    }

    /**
     * Names as they are kept: stripped, in Unicode's composed form.
     *
     * @throws IllegalArgumentException if there is none, one is empty, could not be decoded, or is there twice
     */
    static List<String> checked(List<String> names) {
        if (names.isEmpty()) {
            throw new IllegalArgumentException("an image has one target or more, but no target is named");
        }
        for (String name : names) {
            LabelText.unusable(name).ifPresent(sign -> {
                throw new IllegalArgumentException(
                        "the name of the target \"" + LabelText.shown(name) + "\" has " + sign);
            });
        }
        List<String> read =
                names.stream().map(name -> LabelText.normal(name.strip())).toList();
        Set<String> seen = new HashSet<>();
        for (String name : read) {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("a target has a name, but one of " + read + " is empty");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("targets have different names, but these are " + read);
            }
        }
        return read;
    }

    /**
     * Checks the numbers of one image.
     *
     * @throws IllegalArgumentException if there are others than the names say, or one is no finite float
     */
    static void require(double[] targets, List<String> names) {
        if (targets.length != names.size()) {
            throw new IllegalArgumentException("an image has a number for each of " + names + ", but there are "
                    + targets.length + ": " + Arrays.toString(targets));
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Float.isFinite((float) targets[i])) {
                throw new IllegalArgumentException(names.get(i) + " must be a finite number, at most " + Float.MAX_VALUE
                        + ", but is " + targets[i]);
            }
        }
    }
}
