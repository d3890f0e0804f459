package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.HtmlPage.row;
import static org.transfer4j.internal.chart.HtmlPage.table;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.chart.HtmlPage;
import org.transfer4j.internal.text.TextTable;

/** An evaluation as one page of HTML that loads nothing. Names, labels and paths are escaped, wherever they come from. */
final class ReportPage {
    private static final int MOST_PAIRS = 20;
    private static final int MOST_IMAGES = 48;

    private final EvaluationReport report;
    private final ModelCard card;
    private final HtmlPage page;

    private ReportPage(EvaluationReport report, ModelCard card) {
        this.report = report;
        this.card = card;
        page = new HtmlPage(card.title());
    }

    static String of(EvaluationReport report, ModelCard card) {
        return new ReportPage(report, card).write();
    }

    private String write() {
        figures();
        if (!card.history().epochs().isEmpty()) {
            section(
                    "training",
                    "Training",
                    "<div class=\"wide\">" + card.history().toSvg() + "</div>");
        }
        section(
                "confusion",
                "Confusion matrix",
                "<div class=\"wide\">" + report.confusionMatrix().toSvg() + "</div>");
        confusedPairs();
        classes();
        section(
                "calibration",
                "Calibration",
                "<p>How many predictions of a probability are right. On the dashed line all probabilities are true; below"
                        + " it the classifier is too sure.</p>\n<div class=\"wide\">"
                        + CalibrationBin.chart(report.calibration())
                                .svg("part of the predictions that is right, by their probability")
                        + "</div>");
        hardestImages();
        modelCard();
        return page.write();
    }

    private void section(String id, String heading, String content) {
        page.section(id, heading, content);
    }

    private void figures() {
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n");
        figure("images", Long.toString(report.size()), "");
        figure("accuracy", EvaluationReport::accuracy);
        figure("macro F1", each -> each.macroAverage().f1());
        figure("log loss", EvaluationReport::logLoss);
        figure("ROC-AUC, mean of classes", three(report.rocAuc()), "");
        figure("Cohen's kappa", EvaluationReport::cohenKappa);
        figure("Matthews' correlation", EvaluationReport::matthewsCorrelation);
        figure("Brier score", EvaluationReport::brierScore);
        figure("calibration error", three(report.expectedCalibrationError()), "");
        page.append("</dl>\n<p class=\"note\">In small print: 95% bootstrap intervals.</p>\n</section>\n");
    }

    private void figure(String name, ToDoubleFunction<EvaluationReport> figure) {
        Interval interval = report.interval(figure);
        figure(name, three(figure.applyAsDouble(report)), three(interval.low()) + " to " + three(interval.high()));
    }

    private void figure(String name, String value, String interval) {
        page.append(HtmlPage.figure(name, value, interval));
    }

    private static String three(double value) {
        return Double.isFinite(value) ? TextTable.decimals(value, 3) : "-";
    }

    private void confusedPairs() {
        List<ConfusedPair> pairs = report.confusionMatrix().mostConfused(MOST_PAIRS);
        StringBuilder rows = new StringBuilder();
        for (ConfusedPair pair : pairs) {
            rows.append(row(pair.actual(), pair.predicted(), pair.count(), three(pair.share())));
        }
        section(
                "pairs",
                "Most confused",
                pairs.isEmpty()
                        ? "<p>No image was taken for another class.</p>"
                        : table(List.of("actual", "taken for", "images", "part of actual"), 2, rows.toString()));
    }

    private void classes() {
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
        section(
                "classes",
                "Classes",
                table(
                        List.of("class", "", "precision", "recall", "F1", "PR-AUC", "ROC-AUC", "images"),
                        2,
                        rows.toString()));
    }

    private void hardestImages() {
        StringBuilder images =
                new StringBuilder("<p>Those whose class got the least probability.</p>\n<div class=\"images\">\n");
        for (HardImage image : report.hardest(MOST_IMAGES)) {
            images.append("<figure>").append(HtmlPage.picture(report.picture(image)));
            images.append("<figcaption><b>").append(escape(image.actual())).append("</b> ");
            images.append(three(image.actualProbability())).append("<br>");
            if (!image.actual().equals(image.predicted())) {
                images.append("taken for <b>").append(escape(image.predicted())).append("</b> ");
                images.append(three(image.predictedProbability())).append("<br>");
            }
            images.append("<span class=\"path\">").append(escape(image.image())).append("</span>");
            images.append("</figcaption></figure>\n");
        }
        section("hardest", "Hardest images", images.append("</div>").toString());
    }

    private void modelCard() {
        StringBuilder content = new StringBuilder();
        if (!card.facts().isEmpty()) {
            content.append("<div class=\"wide\"><table>\n<tbody>\n");
            for (Map.Entry<String, String> fact : card.facts().entrySet()) {
                content.append(row(fact.getKey(), fact.getValue().isEmpty() ? "-" : fact.getValue()));
            }
            content.append("</tbody>\n</table></div>\n");
        }
        if (!card.summary().isEmpty()) {
            content.append("<details><summary>The network</summary><pre>")
                    .append(escape(card.summary()))
                    .append("</pre></details>");
        }
        if (content.length() > 0) {
            section("card", "Model card", content.toString());
        }
    }
}
