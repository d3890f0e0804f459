package org.transfer4j.training;

import java.util.OptionalDouble;

/** What all optimizers have in common. */
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
}
