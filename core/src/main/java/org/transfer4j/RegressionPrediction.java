package org.transfer4j;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The numbers that a regressor gives an image, in the units of its targets. Immutable. */
public final class RegressionPrediction {
    private final Map<String, Double> values;

    RegressionPrediction(List<String> targetNames, float[] numbers) {
        Map<String, Double> named = new LinkedHashMap<>();
        for (int i = 0; i < numbers.length; i++) {
            named.put(targetNames.get(i), (double) numbers[i]);
        }
        values = Collections.unmodifiableMap(named);
    }

    /**
     * The number, of a regressor with one target.
     *
     * @return in the target's unit
     * @throws IllegalStateException if the regressor has several targets
     */
    public double value() {
        if (values.size() > 1) {
            throw new IllegalStateException(
                    "the regressor gives several numbers, " + values.keySet() + ": name one, value(\"...\")");
        }
        return values.values().iterator().next();
    }

    /**
     * The number of one target.
     *
     * @param target its name
     * @return in its unit
     * @throws IllegalArgumentException if the regressor has no such target
     */
    public double value(String target) {
        Double value = values.get(target);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the regressor has no target \"" + target + "\"; it has " + values.keySet());
        }
        return value;
    }

    /**
     * All numbers.
     *
     * @return by the names of the targets, in their order; unmodifiable
     */
    public Map<String, Double> values() {
        return values;
    }

    /**
     * All numbers with their names.
     *
     * @return such as "age 34.21" or "sine 0.5012, cosine 0.8653"
     */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + " " + String.format(Locale.ROOT, "%.4g", entry.getValue()))
                .collect(Collectors.joining(", "));
    }
}
