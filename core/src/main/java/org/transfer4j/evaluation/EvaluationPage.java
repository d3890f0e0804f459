package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.HtmlPage.row;
import static org.transfer4j.internal.chart.HtmlPage.table;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.List;
import org.transfer4j.internal.chart.HtmlPage;

/** What one class an image is worth a look. */
final class EvaluationPage extends ReportPage<EvaluationReport> {
    private static final int MOST_PAIRS = 20;

    EvaluationPage(EvaluationReport report) {
        super(report);
    }

    @Override
    List<Figure<EvaluationReport>> figures() {
        return List.of(
                Figure.of("accuracy", EvaluationReport::accuracy),
                Figure.of("macro F1", each -> each.macroAverage().f1()),
                Figure.of("log loss", EvaluationReport::logLoss),
                Figure.of("Cohen's kappa", EvaluationReport::cohenKappa),
                Figure.of("Matthews' correlation", EvaluationReport::matthewsCorrelation),
                Figure.of("Brier score", EvaluationReport::brierScore),
                Figure.alone("ROC-AUC, mean of classes", EvaluationReport::rocAuc),
                Figure.alone("calibration error", EvaluationReport::expectedCalibrationError));
    }

    @Override
    void sections(HtmlPage page) {
        page.section(
                "confusion",
                "Confusion matrix",
                "<div class=\"wide\">" + report.confusionMatrix().toSvg() + "</div>");
        confusedPairs(page);
        classes(page);
        page.section(
                "calibration",
                "Calibration",
                "<p>How many predictions of a probability are right. On the dashed line all probabilities are true; below"
                        + " it the classifier is too sure.</p>\n<div class=\"wide\">"
                        + CalibrationBin.chart(report.calibration())
                                .svg("part of the predictions that is right, by their probability")
                        + "</div>");
    }

    private void confusedPairs(HtmlPage page) {
        List<ConfusedPair> pairs = report.confusionMatrix().mostConfused(MOST_PAIRS);
        StringBuilder rows = new StringBuilder();
        for (ConfusedPair pair : pairs) {
            rows.append(row(pair.actual(), pair.predicted(), pair.count(), three(pair.share())));
        }
        page.section(
                "pairs",
                "Most confused",
                pairs.isEmpty()
                        ? "<p>No image was taken for another class.</p>"
                        : table(List.of("actual", "taken for", "images", "part of actual"), rows.toString()));
    }

    private void classes(HtmlPage page) {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < report.classes().size(); i++) {
            ClassMetrics metrics = report.classes().get(i);
            rows.append(row(
                    metrics.name(),
                    "",
                    three(metrics.precision()),
                    three(metrics.recall()),
                    three(metrics.f1()),
                    three(report.averagePrecision(i)),
                    three(report.rocAuc(i)),
                    metrics.support()));
        }
        page.section(
                "classes",
                "Classes",
                table(
                        List.of("class", "", "precision", "recall", "F1", "PR-AUC", "ROC-AUC", "images"),
                        rows.toString()));
    }

    @Override
    void hardest(HtmlPage page, ReportImages images) {
        List<ReportImages.Shown> hardest = report.hardest(MOST_IMAGES).stream()
                .map(image -> new ReportImages.Shown(
                        image.index(),
                        "<b>" + escape(image.actual()) + "</b> " + three(image.actualProbability())
                                + (image.actual().equals(image.predicted())
                                        ? ""
                                        : "<br>taken for <b>" + escape(image.predicted()) + "</b> "
                                                + three(image.predictedProbability()))))
                .toList();
        images.section(page, "hardest", "Hardest images", "Those whose class got the least probability.", hardest);
    }
}
