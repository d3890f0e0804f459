package org.transfer4j.internal.settings;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.feature.LabelledSource;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;

/**
 * How a learner learns.
 *
 * @param byDefault whether neither optimizer nor epochs were named by the caller
 */
public record TrainingSettings(
        boolean byDefault, Optimizer optimizer, Objective objective, Course course, KeptWeights keptWeights) {

    /** The same with an optimizer that the caller named. */
    public TrainingSettings withOptimizer(Optimizer other) {
        return new TrainingSettings(false, other, objective, course, keptWeights);
    }

    /** The same with another loss. */
    public TrainingSettings withLoss(Optional<Loss> other) {
        return with(new Objective(other, classWeights()));
    }

    /** The same with other weights of the classes. */
    public TrainingSettings withClassWeights(ClassWeights others) {
        return with(new Objective(loss(), others));
    }

    /** The same in other phases. */
    public TrainingSettings withPhases(List<Phase> others) {
        return with(new Course(others, epochs(), batchSize()));
    }

    /** The same for a number of epochs that the caller named. */
    public TrainingSettings withEpochs(OptionalInt other) {
        Course longer = new Course(phases(), other, batchSize());
        return new TrainingSettings(false, optimizer, objective, longer, keptWeights);
    }

    /** The same with another batch size. */
    public TrainingSettings withBatchSize(int other) {
        return with(new Course(phases(), epochs(), other));
    }

    /** The same with an early end. */
    public TrainingSettings withEarlyStopping(Optional<EarlyStopping> other) {
        return with(new KeptWeights(other, averageDecay()));
    }

    /** The same with averaged weights. */
    public TrainingSettings withAverageDecay(OptionalDouble other) {
        return with(new KeptWeights(earlyStopping(), other));
    }

    private TrainingSettings with(Objective other) {
        return new TrainingSettings(byDefault, optimizer, other, course, keptWeights);
    }

    private TrainingSettings with(Course other) {
        return new TrainingSettings(byDefault, optimizer, objective, other, keptWeights);
    }

    private TrainingSettings with(KeptWeights others) {
        return new TrainingSettings(byDefault, optimizer, objective, course, others);
    }

    /** The chosen one; empty where it is the head's. */
    public Optional<Loss> loss() {
        return objective.loss;
    }

    public ClassWeights classWeights() {
        return objective.classWeights;
    }

    /** Empty for a plain fit. */
    public List<Phase> phases() {
        return course.phases;
    }

    /** Empty where their number is left to the library. */
    public OptionalInt epochs() {
        return course.epochs;
    }

    public int batchSize() {
        return course.batchSize;
    }

    public Optional<EarlyStopping> earlyStopping() {
        return keptWeights.earlyStopping;
    }

    public OptionalDouble averageDecay() {
        return keptWeights.averageDecay;
    }

    /** What is made small. */
    public record Objective(Optional<Loss> loss, ClassWeights classWeights) {}

    /** How long it learns, in what portions. */
    public record Course(List<Phase> phases, OptionalInt epochs, int batchSize) {}

    /** Which of the weights that it comes by are kept: the best ones, a mean, else the last ones. */
    public record KeptWeights(Optional<EarlyStopping> earlyStopping, OptionalDouble averageDecay) {}

    /** How much each class counts in the training loss. */
    public static final class ClassWeights {
        /** All alike. */
        public static final ClassWeights EQUAL = new ClassWeights(Map.of());

        /** The rarer, the more. */
        public static final ClassWeights BALANCED = new ClassWeights(null);

        private final @Nullable Map<String, Double> weights;

        private ClassWeights(@Nullable Map<String, Double> weights) {
            this.weights = weights;
        }

        /** By name; what is not named counts 1. */
        public static ClassWeights of(Map<String, Double> weights) {
            Map<String, Double> copy = new LinkedHashMap<>();
            weights.forEach((name, weight) -> {
                // as a float, which is what gradients are
                if (name == null
                        || weight == null
                        || !(weight.floatValue() > 0)
                        || Float.isInfinite(weight.floatValue())) {
                    throw new IllegalArgumentException("a class weight must be positive and finite, got " + weight
                            + (weight != null && weight > 0 && !weight.isInfinite()
                                    ? ", which is " + weight.floatValue() + " as a float,"
                                    : "")
                            + " for class " + name);
                }
                if (copy.put(LabelText.normal(name), weight) != null) {
                    throw new IllegalArgumentException("two class weights for the class " + LabelText.normal(name)
                            + ", whose name is there in two of Unicode's forms");
                }
            });
            return new ClassWeights(copy);
        }

        /** The same without some classes. */
        public ClassWeights without(Collection<String> names) {
            if (weights == null) {
                return this;
            }
            Map<String, Double> others = new LinkedHashMap<>(weights);
            others.keySet().removeAll(names);
            return new ClassWeights(others);
        }

        /** The weights that were given; empty where they follow from the data. */
        public Optional<Map<String, Double>> byName() {
            return Optional.ofNullable(weights);
        }

        /**
         * The weights by class index.
         *
         * @param answers of labels a weight is that of the images which have one, against those which have not
         * @return none at all where all classes count alike
         * @throws IllegalArgumentException if a name is no class of the data, or the data does not tell its labels
         */
        public double[] in(LabelledSource training, AnswerKind answers) {
            if (weights == null) {
                return training.classCounts()
                        .map(counts ->
                                answers == AnswerKind.LABELS ? balanced(counts, training.size()) : balanced(counts))
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
        private static double[] balanced(int[] counts) {
            long classes = IntStream.of(counts).filter(count -> count > 0).count();
            int images = IntStream.of(counts).sum();
            return IntStream.of(counts)
                    .mapToDouble(count -> count == 0 ? 1 : (double) images / (classes * count))
                    .toArray();
        }

        /** Images without the class / images with it, where there are both. */
        private static double[] balanced(int[] counts, long images) {
            return IntStream.of(counts)
                    .mapToDouble(count -> count == 0 || count == images ? 1 : (double) (images - count) / count)
                    .toArray();
        }
    }
}
