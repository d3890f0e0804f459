package org.transfer4j.evaluation;

import java.util.Locale;

/** Prints a report in the layout of scikit-learn's {@code classification_report}. */
final class ReportTable {
    private static final int LONGEST_NAME = 40;

    private final StringBuilder table = new StringBuilder();
    private final int nameWidth;

    private ReportTable(int nameWidth) {
        this.nameWidth = nameWidth;
    }

    static String print(EvaluationReport report) {
        int nameWidth = report.weightedAverage().name().length();
        for (ClassMetrics metrics : report.classes()) {
            nameWidth = Math.max(
                    nameWidth, ShortNames.cut(metrics.name(), LONGEST_NAME).length());
        }
        ReportTable printer = new ReportTable(nameWidth);
        printer.appendAll(report);
        return printer.table.toString();
    }

    private void appendAll(EvaluationReport report) {
        appendLine("", "precision", "recall", "f1-score", "support");
        table.append('\n');
        report.classes().forEach(this::appendMetrics);
        table.append('\n');
        appendLine("accuracy", "", "", two(report.accuracy()), String.valueOf(report.size()));
        appendMetrics(report.macroAverage());
        appendMetrics(report.weightedAverage());
        table.append('\n');
        appendLine("loss", "", "", Decimals.format(report.loss(), 4), String.valueOf(report.size()));
    }

    private void appendMetrics(ClassMetrics metrics) {
        appendLine(
                ShortNames.cut(metrics.name(), LONGEST_NAME),
                two(metrics.precision()),
                two(metrics.recall()),
                two(metrics.f1()),
                String.valueOf(metrics.support()));
    }

    private void appendLine(String name, String precision, String recall, String f1, String support) {
        table.append(" ".repeat(nameWidth - name.length())).append(name);
        table.append(String.format(Locale.ROOT, "  %9s %9s %9s %9s\n", precision, recall, f1, support));
    }

    private static String two(double value) {
        return Decimals.format(value, 2);
    }
}
