package org.transfer4j.training;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.json.Json;

/** What all optimizers have in common, what their numbers may be, and an optimizer as JSON. */
record OptimizerSettings(Schedule schedule, double weightDecay, OptionalDouble clipNorm, OptionalDouble clipValue) {
    static final OptimizerSettings NONE =
            new OptimizerSettings(Schedule.constant(), 0, OptionalDouble.empty(), OptionalDouble.empty());

    OptimizerSettings withSchedule(Schedule other) {
        return new OptimizerSettings(other, weightDecay, clipNorm, clipValue);
    }

    OptimizerSettings withWeightDecay(double other) {
        return new OptimizerSettings(schedule, other, clipNorm, clipValue);
    }

    OptimizerSettings withClipNorm(double other) {
        return new OptimizerSettings(schedule, weightDecay, OptionalDouble.of(other), OptionalDouble.empty());
    }

    OptimizerSettings withClipValue(double other) {
        return new OptimizerSettings(schedule, weightDecay, OptionalDouble.empty(), OptionalDouble.of(other));
    }

    /** As it stands behind the name of an optimizer; empty where nothing was set. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!(schedule instanceof Schedule.Constant)) {
            text.append(", ").append(schedule);
        }
        if (weightDecay > 0) {
            text.append(", weight decay ").append(weightDecay);
        }
        clipNorm.ifPresent(norm -> text.append(", clip norm ").append(norm));
        clipValue.ifPresent(value -> text.append(", clip value ").append(value));
        return text.toString();
    }

    static double rate(double value) {
        return positive("learning rate", value);
    }

    /** Also as a float, which is what weights and gradients are: else nothing would be learned, or no numbers. */
    static double positive(String what, double value) {
        if (!((float) value > 0) || Float.isInfinite((float) value)) {
            throw new IllegalArgumentException(
                    "the " + what + " must be positive and finite, got " + value + asFloat(value));
        }
        return value;
    }

    static double notNegative(String what, double value) {
        if (!(value >= 0) || Float.isInfinite((float) value)) {
            throw new IllegalArgumentException(
                    "the " + what + " must be zero or positive and finite, got " + value + asFloat(value));
        }
        return value;
    }

    static double momentum(double value) {
        if (!(value >= 0 && (float) value < 1)) {
            throw new IllegalArgumentException("momentum is at least 0 and less than 1, got " + value + asFloat(value));
        }
        return value;
    }

    /** What explains why a number is refused that is in its range as a double. */
    static String asFloat(double value) {
        float rounded = (float) value;
        boolean changed = rounded == 0 || (rounded == 1 && value < 1) || Float.isInfinite(rounded);
        return changed && value != rounded ? ", which is " + rounded + " as a float" : "";
    }

    /**
     * An optimizer with its schedule as JSON and back. Values are checked by the steps that
     * take them from a user.
     */
    record Stored(
            String name,
            int version,
            double learningRate,
            @Nullable Double nesterov,
            @Nullable Double momentum,
            @Nullable Schedule schedule,
            @Nullable Double weightDecay,
            @Nullable Double clipNorm,
            @Nullable Double clipValue) {
        private static final int VERSION = 1;
        private static final String WHAT = "the JSON of an optimizer";

        static String write(Optimizer optimizer) {
            return Json.write(of(optimizer));
        }

        static Optimizer read(String json) {
            Stored stored = Json.read(json, WHAT, Stored.class);
            Json.requireVersion(stored.version, VERSION, "an optimizer");
            return stored.optimizer();
        }

        private static Stored of(Optimizer optimizer) {
            Optimizer.Sgd sgd = optimizer instanceof Optimizer.Sgd plain ? plain : null;
            Double momentum = sgd != null && sgd.momentum > 0 ? Double.valueOf(sgd.momentum) : null;
            boolean nesterov = sgd != null && sgd.isNesterov();
            Optimizer.Rated<?> rated = (Optimizer.Rated<?>) optimizer;
            OptimizerSettings settings = optimizer.settings;
            return new Stored(
                    rated.name(),
                    VERSION,
                    rated.learningRate,
                    nesterov ? momentum : null,
                    nesterov ? null : momentum,
                    settings.schedule() instanceof Schedule.Constant ? null : settings.schedule(),
                    settings.weightDecay() > 0 ? settings.weightDecay() : null,
                    boxed(settings.clipNorm()),
                    boxed(settings.clipValue()));
        }

        static @Nullable Double boxed(OptionalDouble value) {
            return value.isPresent() ? value.getAsDouble() : null;
        }

        private Optimizer optimizer() {
            Optimizer optimizer = named();
            if (schedule != null) {
                optimizer = optimizer.schedule(schedule);
            }
            if (weightDecay != null) {
                optimizer = optimizer.weightDecay(weightDecay);
            }
            if (clipNorm != null) {
                optimizer = optimizer.clipNorm(clipNorm);
            }
            return clipValue == null ? optimizer : optimizer.clipValue(clipValue);
        }

        private Optimizer named() {
            if ((momentum != null || nesterov != null)
                    && (!name.equals("sgd") || (momentum != null && nesterov != null))) {
                throw new IllegalArgumentException(
                        "an optimizer has momentum or nesterov, and that is sgd, got momentum " + momentum
                                + " and nesterov " + nesterov + " of " + name);
            }
            return switch (name) {
                case "sgd" -> {
                    Optimizer.Sgd sgd = Optimizer.sgd(learningRate);
                    yield nesterov != null ? sgd.nesterov(nesterov) : momentum != null ? sgd.momentum(momentum) : sgd;
                }
                case "adam" -> Optimizer.adam(learningRate);
                case "rmsProp" -> Optimizer.rmsProp(learningRate);
                default ->
                    throw new IllegalArgumentException("an optimizer is sgd, adam or rmsProp, got \"" + name + "\"");
            };
        }
    }
}
