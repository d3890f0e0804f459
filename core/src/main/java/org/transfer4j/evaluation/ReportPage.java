package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.HtmlPage.row;
import static org.transfer4j.internal.chart.HtmlPage.table;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.Iterator;
import java.util.LinkedHashMap;
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
        training(page, card);
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
        report.images().inspection(page);
        modelCard(page, card);
        return page.write();
    }

    static void training(HtmlPage page, ModelCard card) {
        if (!card.history().epochs().isEmpty()) {
            page.section(
                    "training",
                    "Training",
                    "<div class=\"wide\">" + card.history().toSvg() + "</div>");
        }
    }

    private void section(String id, String heading, String content) {
        page.section(id, heading, content);
    }

    private void figures() {
        Map<String, ToDoubleFunction<EvaluationReport>> drawn = new LinkedHashMap<>();
        drawn.put("accuracy", EvaluationReport::accuracy);
        drawn.put("macro F1", each -> each.macroAverage().f1());
        drawn.put("log loss", EvaluationReport::logLoss);
        drawn.put("Cohen's kappa", EvaluationReport::cohenKappa);
        drawn.put("Matthews' correlation", EvaluationReport::matthewsCorrelation);
        drawn.put("Brier score", EvaluationReport::brierScore);
        Iterator<Interval> intervals =
                report.intervals(List.copyOf(drawn.values())).iterator();
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n");
        figure("images", Long.toString(report.size()), "");
        drawn.forEach((name, figure) -> {
            Interval interval = intervals.next();
            figure(name, three(figure.applyAsDouble(report)), three(interval.low()) + " to " + three(interval.high()));
        });
        figure("ROC-AUC, mean of classes", three(report.rocAuc()), "");
        figure("calibration error", three(report.expectedCalibrationError()), "");
        page.append("</dl>\n<p class=\"note\">In small print: 95% bootstrap intervals.</p>\n</section>\n");
    }

    private void figure(String name, String value, String interval) {
        page.append(HtmlPage.figure(name, value, interval));
    }

    static String three(double value) {
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
        List<ReportImages.Shown> images = report.hardest(MOST_IMAGES).stream()
                .map(image -> new ReportImages.Shown(
                        image.index(),
                        "<b>" + escape(image.actual()) + "</b> " + three(image.actualProbability())
                                + (image.actual().equals(image.predicted())
                                        ? ""
                                        : "<br>taken for <b>" + escape(image.predicted()) + "</b> "
                                                + three(image.predictedProbability()))))
                .toList();
        report.images()
                .section(page, "hardest", "Hardest images", "Those whose class got the least probability.", images);
    }

    static void modelCard(HtmlPage page, ModelCard card) {
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
            page.section("card", "Model card", content.toString());
        }
    }
}
