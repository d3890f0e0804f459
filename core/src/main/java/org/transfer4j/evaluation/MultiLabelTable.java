package org.transfer4j.evaluation;

import java.util.Locale;

/** Prints a multi-label report. */
final class MultiLabelTable {
    private static final int LONGEST_NAME = 40;

    private final StringBuilder table = new StringBuilder();
    private final int nameWidth;

    private MultiLabelTable(int nameWidth) {
        this.nameWidth = nameWidth;
    }

    static String print(MultiLabelReport report) {
        int nameWidth = "mean average precision".length();
        for (LabelMetrics metrics : report.classes()) {
            nameWidth = Math.max(
                    nameWidth, ShortNames.cut(metrics.name(), LONGEST_NAME).length());
        }
        MultiLabelTable printer = new MultiLabelTable(nameWidth);
        printer.appendAll(report);
        return printer.table.toString();
    }

    private void appendAll(MultiLabelReport report) {
        append("", "precision", "recall", "f1-score", "avg. prec.", "support");
        table.append('\n');
        for (LabelMetrics metrics : report.classes()) {
            append(
                    ShortNames.cut(metrics.name(), LONGEST_NAME),
                    two(metrics.precision()),
                    two(metrics.recall()),
                    two(metrics.f1()),
                    two(metrics.averagePrecision()),
                    String.valueOf(metrics.support()));
        }
        long labels = report.classes().stream().mapToLong(LabelMetrics::support).sum();
        table.append('\n');
        append(
                "micro avg",
                two(report.microPrecision()),
                two(report.microRecall()),
                two(report.microF1()),
                "",
                String.valueOf(labels));
        append("macro avg", "", "", two(report.macroF1()), "", String.valueOf(labels));
        append("mean average precision", "", "", "", two(report.meanAveragePrecision()), "");
        table.append('\n');
        String size = String.valueOf(report.size());
        append("binary accuracy", "", "", two(report.binaryAccuracy()), "", size);
        append("subset accuracy", "", "", two(report.subsetAccuracy()), "", size);
        append("loss", "", "", Decimals.format(report.loss(), 4), "", size);
        append("threshold", "", "", String.valueOf(report.threshold()), "", "");
    }

    private void append(
            String name, String precision, String recall, String f1, String averagePrecision, String support) {
        table.append(" ".repeat(nameWidth - name.length())).append(name);
        table.append(
                String.format(Locale.ROOT, "  %9s %9s %9s %10s %9s", precision, recall, f1, averagePrecision, support)
                        .stripTrailing());
        table.append('\n');
    }

    private static String two(double value) {
        return Decimals.format(value, 2);
    }
}
