package org.transfer4j.training;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.json.Json;

/**
 * An optimizer with its schedule as JSON and back. Values are checked by the steps that
 * take them from a user.
 */
record OptimizerJson(
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
        OptimizerJson stored = Json.read(json, WHAT, OptimizerJson.class);
        Json.requireVersion(stored.version, VERSION, "an optimizer");
        return stored.optimizer();
    }

    private static OptimizerJson of(Optimizer optimizer) {
        Optimizer.Sgd sgd = optimizer instanceof Optimizer.Sgd plain ? plain : null;
        Double momentum = sgd != null && sgd.momentum > 0 ? Double.valueOf(sgd.momentum) : null;
        boolean nesterov = sgd != null && sgd.isNesterov();
        Optimizer.Rated<?> rated = (Optimizer.Rated<?>) optimizer;
        OptimizerSettings settings = optimizer.settings;
        return new OptimizerJson(
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
}
