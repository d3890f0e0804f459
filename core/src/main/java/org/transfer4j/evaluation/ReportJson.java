package org.transfer4j.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A report as a tree of JSON. */
final class ReportJson {
    private static final int LARGEST_K = 5;

    private ReportJson() {}

    static String of(EvaluationReport report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("size", report.size());
        root.put("accuracy", report.accuracy());
        root.put("loss", report.loss());
        ArrayNode topK = root.putArray("topK");
        for (int k = 1; k <= Math.min(LARGEST_K, report.classes().size()); k++) {
            topK.add(report.topK(k));
        }
        ArrayNode classes = root.putArray("classes");
        report.classes().forEach(metrics -> fill(classes.addObject(), metrics));
        fill(root.putObject("macroAverage"), report.macroAverage());
        fill(root.putObject("weightedAverage"), report.weightedAverage());
        fill(root.putObject("confusionMatrix"), report.confusionMatrix());
        return root.toString();
    }

    private static void fill(ObjectNode node, ClassMetrics metrics) {
        node.put("name", metrics.name());
        node.put("precision", metrics.precision());
        node.put("recall", metrics.recall());
        node.put("f1", metrics.f1());
        node.put("support", metrics.support());
    }

    private static void fill(ObjectNode node, ConfusionMatrix matrix) {
        matrix.classNames().forEach(node.putArray("classNames")::add);
        ArrayNode rows = node.putArray("counts");
        int classes = matrix.classNames().size();
        for (int row = 0; row < classes; row++) {
            ArrayNode cells = rows.addArray();
            for (int column = 0; column < classes; column++) {
                cells.add(matrix.count(row, column));
            }
        }
    }
}
