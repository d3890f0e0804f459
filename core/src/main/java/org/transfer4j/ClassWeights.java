package org.transfer4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.ImageSource;

/** How much each class counts in the training loss. */
final class ClassWeights {
    /** All alike. */
    static final ClassWeights EQUAL = new ClassWeights(Map.of());

    /** The rarer, the more. */
    static final ClassWeights BALANCED = new ClassWeights(null);

    private final @Nullable Map<String, Double> weights;

    private ClassWeights(@Nullable Map<String, Double> weights) {
        this.weights = weights;
    }

    /** By name; what is not named counts 1. */
    static ClassWeights of(Map<String, Double> weights) {
        Map<String, Double> copy = new LinkedHashMap<>(weights);
        copy.forEach((name, weight) -> {
            if (name == null || weight == null || !(weight > 0) || weight.isInfinite()) {
                throw new IllegalArgumentException(
                        "a class weight must be positive and finite, got " + weight + " for class " + name);
            }
        });
        return new ClassWeights(copy);
    }

    /**
     * The weights by class index.
     *
     * @return none at all where all classes count alike
     * @throws IllegalArgumentException if a name is no class of the data, or the data does not tell its labels
     */
    double[] in(ImageSource training) {
        if (weights == null) {
            return training.behind()
                    .map(data -> balanced(data, training.classNames()))
                    .orElseThrow(
                            () -> new IllegalArgumentException(
                                    "balancedClassWeights needs an ImageDataset; with a DataSetIterator give classWeights(...)"));
        }
        List<String> classes = training.classNames();
        TreeSet<String> unknown = new TreeSet<>(weights.keySet());
        classes.forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "class weights for unknown classes: " + unknown + "; the data has " + classes);
        }
        Map<String, Double> known = weights;
        return known.isEmpty()
                ? new double[0]
                : classes.stream()
                        .mapToDouble(name -> known.getOrDefault(name, 1.0))
                        .toArray();
    }

    /** Images / (classes * images of the class), the classes being those that have images. */
    private static double[] balanced(ImageDataset data, List<String> classNames) {
        int[] counts = data.classCounts();
        long classes = IntStream.of(counts).filter(count -> count > 0).count();
        return classNames.stream()
                .mapToInt(name -> data.classNames().indexOf(name))
                .map(index -> index < 0 ? 0 : counts[index])
                .mapToDouble(count -> count == 0 ? 1 : (double) data.size() / (classes * count))
                .toArray();
    }
}
