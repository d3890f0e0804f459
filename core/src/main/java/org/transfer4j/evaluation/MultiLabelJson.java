package org.transfer4j.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A multi-label report as a tree of JSON. */
final class MultiLabelJson {
    private MultiLabelJson() {}

    static String of(MultiLabelReport report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("size", report.size());
        root.put("threshold", report.threshold());
        root.put("loss", report.loss());
        root.put("binaryAccuracy", report.binaryAccuracy());
        root.put("subsetAccuracy", report.subsetAccuracy());
        root.put("microPrecision", report.microPrecision());
        root.put("microRecall", report.microRecall());
        root.put("microF1", report.microF1());
        root.put("macroF1", report.macroF1());
        root.put("meanAveragePrecision", report.meanAveragePrecision());
        ArrayNode classes = root.putArray("classes");
        report.classes().forEach(metrics -> fill(classes.addObject(), metrics));
        return root.toString();
    }

    private static void fill(ObjectNode node, LabelMetrics metrics) {
        node.put("name", metrics.name());
        node.put("precision", metrics.precision());
        node.put("recall", metrics.recall());
        node.put("f1", metrics.f1());
        node.put("averagePrecision", metrics.averagePrecision());
        node.put("support", metrics.support());
    }
}
