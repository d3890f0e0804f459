package org.transfer4j.training;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;

/** An optimizer with its schedule as JSON and back. Values are checked by the steps that take them from a user. */
final class OptimizerJson {
    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(HistoryJson.LIMITS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private OptimizerJson() {}

    static String write(Optimizer optimizer) {
        ObjectNode root = object(name(optimizer)).put("version", VERSION);
        if (optimizer instanceof Optimizer.Sgd sgd) {
            root.put("learningRate", sgd.learningRate);
            if (sgd.momentum > 0) {
                root.put(sgd.isNesterov() ? "nesterov" : "momentum", sgd.momentum);
            }
        } else if (optimizer instanceof Optimizer.Adam adam) {
            root.put("learningRate", adam.learningRate);
        } else {
            root.put("learningRate", ((Optimizer.RmsProp) optimizer).learningRate);
        }
        if (!(optimizer.settings.schedule() instanceof ConstantSchedule)) {
            root.set("schedule", schedule(optimizer.settings.schedule()));
        }
        if (optimizer.weightDecay() > 0) {
            root.put("weightDecay", optimizer.weightDecay());
        }
        optimizer.clipNorm().ifPresent(norm -> root.put("clipNorm", norm));
        optimizer.clipValue().ifPresent(value -> root.put("clipValue", value));
        return root.toString();
    }

    private static String name(Optimizer optimizer) {
        if (optimizer instanceof Optimizer.Sgd) {
            return "sgd";
        }
        return optimizer instanceof Optimizer.Adam ? "adam" : "rmsProp";
    }

    private static ObjectNode object(String name) {
        return JsonNodeFactory.instance.objectNode().put("name", name);
    }

    private static ObjectNode schedule(Schedule schedule) {
        if (schedule instanceof CosineSchedule cosine) {
            return object("cosine").put("minimum", cosine.minimum);
        }
        if (schedule instanceof StepSchedule step) {
            return object("step").put("epochs", step.epochs).put("factor", step.factor);
        }
        if (schedule instanceof PlateauSchedule plateau) {
            return object("plateau").put("factor", plateau.factor).put("patience", plateau.patience);
        }
        if (schedule instanceof InverseTimeSchedule inverse) {
            return object("inverseTime").put("decay", inverse.decay());
        }
        if (schedule instanceof WarmUpSchedule warmUp) {
            return object("warmUp").put("epochs", warmUp.epochs).set("then", schedule(warmUp.then));
        }
        if (schedule instanceof FixedLengthSchedule fixed) {
            return object("over").put("epochs", fixed.epochs).set("schedule", schedule(fixed.schedule));
        }
        return object(schedule instanceof OneCycleSchedule ? "oneCycle" : "constant");
    }

    static Optimizer read(String json) {
        try {
            Fields fields = new Fields("optimizer", MAPPER.readTree(json));
            if (fields.whole("version") != VERSION) {
                throw new IllegalArgumentException("an optimizer must be of version " + VERSION + ", got " + json);
            }
            Optimizer optimizer = optimizer(fields);
            if (fields.has("schedule")) {
                optimizer = optimizer.schedule(readSchedule(fields.object("schedule")));
            }
            if (fields.has("weightDecay")) {
                optimizer = optimizer.weightDecay(fields.number("weightDecay"));
            }
            if (fields.has("clipNorm")) {
                optimizer = optimizer.clipNorm(fields.number("clipNorm"));
            }
            if (fields.has("clipValue")) {
                optimizer = optimizer.clipValue(fields.number("clipValue"));
            }
            fields.refuseOthers();
            return optimizer;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not the JSON of an optimizer: " + e.getOriginalMessage(), e);
        }
    }

    private static Optimizer optimizer(Fields fields) {
        String name = fields.text("name");
        double rate = fields.number("learningRate");
        switch (name) {
            case "sgd" -> {
                Optimizer.Sgd sgd = Optimizer.sgd(rate);
                if (fields.has("nesterov")) {
                    return sgd.nesterov(fields.number("nesterov"));
                }
                return fields.has("momentum") ? sgd.momentum(fields.number("momentum")) : sgd;
            }
            case "adam" -> {
                return Optimizer.adam(rate);
            }
            case "rmsProp" -> {
                return Optimizer.rmsProp(rate);
            }
            default -> throw new IllegalArgumentException("an optimizer is sgd, adam or rmsProp, got \"" + name + "\"");
        }
    }

    private static Schedule readSchedule(Fields fields) {
        String name = fields.text("name");
        Schedule schedule = switch (name) {
            case "constant" -> Schedule.constant();
            case "oneCycle" -> Schedule.oneCycle();
            case "cosine" -> Schedule.cosine(fields.number("minimum"));
            case "step" -> Schedule.step(fields.whole("epochs"), fields.number("factor"));
            case "plateau" -> Schedule.reduceOnPlateau(fields.number("factor"), fields.whole("patience"));
            case "inverseTime" -> inverseTime(fields.number("decay"));
            case "warmUp" -> Schedule.warmUp(fields.whole("epochs"), readSchedule(fields.object("then")));
            case "over" -> readSchedule(fields.object("schedule")).over(fields.whole("epochs"));
            default -> throw new IllegalArgumentException("a schedule can't be \"" + name + "\"");
        };
        fields.refuseOthers();
        return schedule;
    }

    private static Schedule inverseTime(double decay) {
        if (!(decay > 0) || Double.isInfinite(decay)) {
            throw new IllegalArgumentException("the decay must be positive and finite, got " + decay);
        }
        return new InverseTimeSchedule(decay);
    }

    /** An object's properties, each of its type, and no others. */
    private static final class Fields {
        private final String what;
        private final JsonNode object;
        private final Set<String> known = new HashSet<>();

        Fields(String what, JsonNode object) {
            if (!object.isObject()) {
                throw new IllegalArgumentException("the JSON of the " + what + " must be an object");
            }
            this.what = what;
            this.object = object;
        }

        boolean has(String property) {
            return object.has(property);
        }

        private JsonNode value(String property, boolean fits, String type) {
            known.add(property);
            if (!fits) {
                throw new IllegalArgumentException("in the JSON of the " + what + ", " + property + " must be " + type);
            }
            return object.path(property);
        }

        String text(String property) {
            return value(property, object.path(property).isTextual(), "a text").textValue();
        }

        double number(String property) {
            return value(property, object.path(property).isNumber(), "a number").doubleValue();
        }

        int whole(String property) {
            return value(property, object.path(property).isInt(), "a whole number")
                    .intValue();
        }

        Fields object(String property) {
            return new Fields(property, value(property, object.path(property).isObject(), "an object"));
        }

        void refuseOthers() {
            object.fieldNames().forEachRemaining(name -> {
                if (!known.contains(name)) {
                    throw new IllegalArgumentException("the JSON of the " + what + " has the unknown field " + name);
                }
            });
        }
    }
}
