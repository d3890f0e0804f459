package org.transfer4j.training;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A history as JSON and back. Properties that this version does not know are left alone. */
final class HistoryJson {
    private static final int VERSION = 1;
    /** Far beyond any training, and a double still tells whole seconds apart. */
    private static final double LONGEST_SECONDS = 1e15;

    private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");
    /** A tree takes up to a hundred bytes for each token, also where that has one character. */
    static final StreamReadConstraints LIMITS =
            StreamReadConstraints.builder().maxTokenCount(1_000_000).build();

    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(LIMITS).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private HistoryJson() {}

    static String write(TrainingHistory history) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", VERSION);
        ArrayNode epochs = root.putArray("epochs");
        for (EpochRecord record : history.epochs()) {
            ObjectNode node = epochs.addObject();
            node.put("epoch", record.epoch());
            node.put("phase", record.phase());
            node.put("iterations", record.iterations());
            put(node, "loss", record.loss());
            put(node, "accuracy", record.accuracy());
            record.validationLoss().ifPresent(value -> put(node, "validationLoss", value));
            record.validationAccuracy().ifPresent(value -> put(node, "validationAccuracy", value));
            put(node, "learningRate", record.learningRate());
            node.put("seconds", HistoryCsv.seconds(record.wallTime()));
            put(node, "imagesPerSecond", record.imagesPerSecond());
        }
        return root.toString();
    }

    static TrainingHistory read(String json) {
        JsonNode root;
        try {
            root = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("A history must be valid JSON: " + e.getOriginalMessage(), e);
        }
        if (root.path("version").asInt() != VERSION || !root.path("epochs").isArray()) {
            throw new IllegalArgumentException("A history must have the version " + VERSION
                    + " and a list of epochs, but has the version " + root.path("version"));
        }
        List<EpochRecord> epochs = new ArrayList<>();
        for (JsonNode node : root.path("epochs")) {
            epochs.add(epoch(node));
        }
        return TrainingHistory.of(epochs);
    }

    private static EpochRecord epoch(JsonNode node) {
        EpochRecord.Builder builder = EpochRecord.builder((int) whole(node, "epoch", Integer.MAX_VALUE))
                .iterations(whole(node, "iterations", Long.MAX_VALUE))
                .training(number(node, "loss"), number(node, "accuracy"))
                .learningRate(number(node, "learningRate"))
                .timing(seconds(node), number(node, "imagesPerSecond"));
        // what was written before there were phases has one
        if (node.has("phase")) {
            builder.phase((int) whole(node, "phase", Integer.MAX_VALUE));
        }
        if (node.has("validationLoss")) {
            builder.validation(number(node, "validationLoss"), number(node, "validationAccuracy"));
        }
        return builder.build();
    }

    private static void put(ObjectNode node, String property, double value) {
        if (Double.isFinite(value)) {
            node.put(property, value);
        } else {
            node.put(property, Double.toString(value));
        }
    }

    private static double number(JsonNode node, String property) {
        JsonNode value = node.path(property);
        if (value.isTextual() && NOT_FINITE.contains(value.textValue())) {
            return Double.parseDouble(value.textValue());
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(property + " of an epoch must be a number, but is " + value);
        }
        return value.doubleValue();
    }

    private static long whole(JsonNode node, String property, long largest) {
        JsonNode value = node.path(property);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() > largest) {
            throw new IllegalArgumentException(
                    property + " of an epoch must be a whole number up to " + largest + ", but is " + value);
        }
        return value.longValue();
    }

    private static Duration seconds(JsonNode node) {
        double seconds = number(node, "seconds");
        if (!(seconds >= 0) || seconds > LONGEST_SECONDS) {
            throw new IllegalArgumentException(
                    "seconds of an epoch must be from 0 to " + LONGEST_SECONDS + ", but is " + seconds);
        }
        BigDecimal exact = node.path("seconds").decimalValue().setScale(9, RoundingMode.HALF_EVEN);
        return Duration.ofSeconds(
                exact.longValue(),
                exact.remainder(BigDecimal.ONE).movePointRight(9).longValue());
    }
}
