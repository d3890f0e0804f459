package org.transfer4j.evaluation;

import java.util.List;
import java.util.stream.IntStream;

/** What {@link EvaluationReport#toJson} writes, in this order. */
record ReportJson(
        long size,
        double accuracy,
        double loss,
        List<Double> topK,
        double logLoss,
        double rocAuc,
        double cohenKappa,
        double matthewsCorrelation,
        double brierScore,
        double expectedCalibrationError,
        List<ClassMetrics> classes,
        ClassMetrics macroAverage,
        ClassMetrics weightedAverage,
        ConfusionMatrix confusionMatrix) {
    /** Of how many first places the accuracy is told. */
    private static final int LARGEST_K = 5;

    static ReportJson of(EvaluationReport report) {
        return new ReportJson(
                report.size(),
                report.accuracy(),
                report.loss(),
                IntStream.rangeClosed(1, Math.min(LARGEST_K, report.classes().size()))
                        .mapToObj(report::topK)
                        .toList(),
                report.logLoss(),
                report.rocAuc(),
                report.cohenKappa(),
                report.matthewsCorrelation(),
                report.brierScore(),
                report.expectedCalibrationError(),
                report.classes(),
                report.macroAverage(),
                report.weightedAverage(),
                report.confusionMatrix());
    }
}
