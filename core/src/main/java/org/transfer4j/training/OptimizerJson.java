package org.transfer4j.training;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.json.Json;

/**
 * An optimizer with its schedule as JSON and back. The names in the file are ours, not those of classes. Values are checked
 * by the steps that take them from a user.
 */
record OptimizerJson(
        String name,
        int version,
        double learningRate,
        @Nullable Double nesterov,
        @Nullable Double momentum,
        @Nullable Rate schedule,
        @Nullable Double weightDecay,
        @Nullable Double clipNorm,
        @Nullable Double clipValue) {
    private static final int VERSION = 1;
    private static final String WHAT = "the JSON of an optimizer";

    static String write(Optimizer optimizer) {
        return Json.write(of(optimizer));
    }

    static Optimizer read(String json) {
        OptimizerJson stored = Json.read(json, WHAT, OptimizerJson.class);
        Json.requireVersion(stored.version, VERSION, "an optimizer");
        return stored.optimizer();
    }

    private static OptimizerJson of(Optimizer optimizer) {
        Optimizer.Sgd sgd = optimizer instanceof Optimizer.Sgd plain ? plain : null;
        Double momentum = sgd != null && sgd.momentum > 0 ? Double.valueOf(sgd.momentum) : null;
        boolean nesterov = sgd != null && sgd.isNesterov();
        String name = sgd != null ? "sgd" : optimizer instanceof Optimizer.Adam ? "adam" : "rmsProp";
        double rate = sgd != null
                ? sgd.learningRate
                : optimizer instanceof Optimizer.Adam adam
                        ? adam.learningRate
                        : ((Optimizer.RmsProp) optimizer).learningRate;
        OptimizerSettings settings = optimizer.settings;
        return new OptimizerJson(
                name,
                VERSION,
                rate,
                nesterov ? momentum : null,
                nesterov ? null : momentum,
                settings.schedule() instanceof ConstantSchedule ? null : Rate.of(settings.schedule()),
                settings.weightDecay() > 0 ? settings.weightDecay() : null,
                boxed(settings.clipNorm()),
                boxed(settings.clipValue()));
    }

    private static @Nullable Double boxed(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    private Optimizer optimizer() {
        Optimizer optimizer = named();
        if (schedule != null) {
            optimizer = optimizer.schedule(schedule.toSchedule());
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
        if ((momentum != null || nesterov != null) && (!name.equals("sgd") || (momentum != null && nesterov != null))) {
            throw new IllegalArgumentException("an optimizer has momentum or nesterov, and that is sgd, got momentum "
                    + momentum + " and nesterov " + nesterov + " of " + name);
        }
        return switch (name) {
            case "sgd" -> {
                Optimizer.Sgd sgd = Optimizer.sgd(learningRate);
                yield nesterov != null ? sgd.nesterov(nesterov) : momentum != null ? sgd.momentum(momentum) : sgd;
            }
            case "adam" -> Optimizer.adam(learningRate);
            case "rmsProp" -> Optimizer.rmsProp(learningRate);
            default -> throw new IllegalArgumentException("an optimizer is sgd, adam or rmsProp, got \"" + name + "\"");
        };
    }

    /** A schedule, each kind with its own numbers. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Constant.class, name = "constant"),
        @JsonSubTypes.Type(value = OneCycle.class, name = "oneCycle"),
        @JsonSubTypes.Type(value = Cosine.class, name = "cosine"),
        @JsonSubTypes.Type(value = Step.class, name = "step"),
        @JsonSubTypes.Type(value = Plateau.class, name = "plateau"),
        @JsonSubTypes.Type(value = InverseTime.class, name = "inverseTime"),
        @JsonSubTypes.Type(value = WarmUp.class, name = "warmUp"),
        @JsonSubTypes.Type(value = Over.class, name = "over")
    })
    private sealed interface Rate {
        Schedule toSchedule();

        static Rate of(Schedule schedule) {
            if (schedule instanceof CosineSchedule cosine) {
                return new Cosine(cosine.minimum);
            }
            if (schedule instanceof StepSchedule step) {
                return new Step(step.epochs, step.factor);
            }
            if (schedule instanceof PlateauSchedule plateau) {
                return new Plateau(plateau.factor, plateau.patience);
            }
            if (schedule instanceof InverseTimeSchedule inverse) {
                return new InverseTime(inverse.decay());
            }
            if (schedule instanceof WarmUpSchedule warmUp) {
                return new WarmUp(warmUp.epochs, of(warmUp.then));
            }
            if (schedule instanceof FixedLengthSchedule fixed) {
                return new Over(fixed.epochs, of(fixed.schedule));
            }
            return schedule instanceof OneCycleSchedule ? new OneCycle() : new Constant();
        }
    }

    private record Constant() implements Rate {
        @Override
        public Schedule toSchedule() {
            return Schedule.constant();
        }
    }

    private record OneCycle() implements Rate {
        @Override
        public Schedule toSchedule() {
            return Schedule.oneCycle();
        }
    }

    private record Cosine(double minimum) implements Rate {
        @Override
        public Schedule toSchedule() {
            return Schedule.cosine(minimum);
        }
    }

    private record Step(int epochs, double factor) implements Rate {
        @Override
        public Schedule toSchedule() {
            return Schedule.step(epochs, factor);
        }
    }

    private record Plateau(double factor, int patience) implements Rate {
        @Override
        public Schedule toSchedule() {
            return Schedule.reduceOnPlateau(factor, patience);
        }
    }

    private record InverseTime(double decay) implements Rate {
        @Override
        public Schedule toSchedule() {
            if (!(decay > 0) || Double.isInfinite(decay)) {
                throw new IllegalArgumentException("the decay must be positive and finite, got " + decay);
            }
            return new InverseTimeSchedule(decay);
        }
    }

    private record WarmUp(int epochs, Rate then) implements Rate {
        @Override
        public Schedule toSchedule() {
            return Schedule.warmUp(epochs, then.toSchedule());
        }
    }

    private record Over(int epochs, Rate schedule) implements Rate {
        @Override
        public Schedule toSchedule() {
            return schedule.toSchedule().over(epochs);
        }
    }
}
