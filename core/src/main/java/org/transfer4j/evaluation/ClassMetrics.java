package org.transfer4j.evaluation;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.transfer4j.internal.text.TextTable;

/**
 * How well one class was recognized, or an average over the classes. The definitions are those of scikit-learn's
 * {@code precision_recall_fscore_support} with {@code zero_division=0}: what would be 0/0 is 0.
 *
 * @param name the class name, or {@code macro avg} or {@code weighted avg}
 * @param precision of the images predicted to be of this class, the part that is, 0 to 1; 0 where no image was predicted to
 *     be of this class
 * @param recall of the images of this class, the part that was predicted to be, 0 to 1; 0 where there is no image of this
 *     class
 * @param f1 harmonic mean of precision and recall, 0 where both are 0; in an average, the average of the classes' F1
 * @param support the number of images of this class; in an average, all images
 */
public record ClassMetrics(String name, double precision, double recall, double f1, long support) {
    /** From counts: rightly predicted, predicted at all, and really there. */
    static ClassMetrics of(String name, long right, long predicted, long support) {
        return new ClassMetrics(
                name, ratio(right, predicted), ratio(right, support), ratio(2 * right, predicted + support), support);
    }

    /** The mean by weights that have the sum 1. */
    static ClassMetrics average(
            String name, List<ClassMetrics> classes, ToDoubleFunction<ClassMetrics> weight, long support) {
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        for (ClassMetrics metrics : classes) {
            double share = weight.applyAsDouble(metrics);
            precision += share * metrics.precision();
            recall += share * metrics.recall();
            f1 += share * metrics.f1();
        }
        return new ClassMetrics(name, precision, recall, f1, support);
    }

    /** 0 where there is no whole. */
    static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /**
     * All values on one line.
     *
     * @return for example {@code cat: precision 0.6667, recall 1.0000, f1 0.8000, support 2}
     */
    @Override
    public String toString() {
        return name + ": precision " + TextTable.decimals(precision, 4) + ", recall " + TextTable.decimals(recall, 4)
                + ", f1 " + TextTable.decimals(f1, 4) + ", support " + support;
    }

    /** In the layout of scikit-learn's {@code classification_report}, followed by the loss. */
    static String table(EvaluationReport report) {
        int width = TextTable.width(Stream.concat(
                Stream.of(report.weightedAverage().name()),
                report.classes().stream().map(ClassMetrics::name)));
        TextTable table = new TextTable("%" + width + "s  %9s %9s %9s %9s");
        table.row("", "precision", "recall", "f1-score", "support").line("");
        report.classes().forEach(metrics -> metrics.print(table));
        table.line("").row("accuracy", "", "", TextTable.decimals(report.accuracy(), 2), report.size());
        report.macroAverage().print(table);
        report.weightedAverage().print(table);
        return table.line("")
                .row("loss", "", "", TextTable.decimals(report.loss(), 4), report.size())
                .toString();
    }

    private void print(TextTable table) {
        table.row(
                TextTable.cut(name),
                TextTable.decimals(precision, 2),
                TextTable.decimals(recall, 2),
                TextTable.decimals(f1, 2),
                support);
    }
}
