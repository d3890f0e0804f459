package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.Markup.escape;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.transfer4j.internal.text.TextTable;

/** An evaluation as one page of HTML that loads nothing. Names, labels and paths are escaped, wherever they come from. */
final class ReportPage {
    private static final int MOST_PAIRS = 20;
    private static final int MOST_IMAGES = 48;

    private final EvaluationReport report;
    private final ModelCard card;
    private final StringBuilder page = new StringBuilder();

    private ReportPage(EvaluationReport report, ModelCard card) {
        this.report = report;
        this.card = card;
    }

    static String of(EvaluationReport report, ModelCard card) {
        return new ReportPage(report, card).write();
    }

    private String write() {
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                // whatever a name should contain: nothing is loaded and no form is sent
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
                        + " 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri"
                        + " 'none'\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escape(card.title()))
                .append("</title>\n<style>\n")
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n<main>\n<h1>")
                .append(escape(card.title()))
                .append("</h1>\n");
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
                        + " it the classifier is too sure.</p>\n<div class=\"wide\">" + report.calibrationSvg()
                        + "</div>");
        hardestImages();
        modelCard();
        return page.append("</main>\n<script>\n")
                .append(resource("report.js"))
                .append("</script>\n</body>\n</html>\n")
                .toString();
    }

    private static String resource(String name) {
        try (InputStream stream = Objects.requireNonNull(ReportPage.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("a part of the library can't be read: " + name, e);
        }
    }

    private void section(String id, String heading, String content) {
        page.append("<section id=\"")
                .append(id)
                .append("\">\n<h2>")
                .append(heading)
                .append("</h2>\n");
        page.append(content).append("\n</section>\n");
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
        page.append("<div><dt>").append(name).append("</dt><dd>").append(value);
        page.append(interval.isEmpty() ? "" : " <small>" + interval + "</small>")
                .append("</dd></div>\n");
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
                        : table(List.of("actual", "taken for", "images", "part of actual"), 2, rows));
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
                table(List.of("class", "", "precision", "recall", "F1", "PR-AUC", "ROC-AUC", "images"), 2, rows));
    }

    /** The first columns are text, the others numbers. */
    private static String table(List<String> headings, int texts, StringBuilder rows) {
        StringBuilder table = new StringBuilder("<div class=\"wide\"><table class=\"sortable\">\n<thead><tr>");
        IntStream.range(0, headings.size())
                .filter(i -> !headings.get(i).isEmpty())
                .forEach(i -> table.append(i < texts ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"number\">")
                        .append("<button type=\"button\">" + headings.get(i) + "</button></th>"));
        return table.append("</tr></thead>\n<tbody>\n")
                .append(rows)
                .append("</tbody>\n</table></div>")
                .toString();
    }

    /** A name, a second one or "", and numbers. */
    private static String row(String first, String second, Object... numbers) {
        StringBuilder row = new StringBuilder("<tr><th scope=\"row\">")
                .append(escape(first))
                .append("</th>");
        row.append(second.isEmpty() ? "" : "<td>" + escape(second) + "</td>");
        for (Object number : numbers) {
            row.append("<td class=\"number\">").append(number).append("</td>");
        }
        return row.append("</tr>\n").toString();
    }

    private void hardestImages() {
        StringBuilder images =
                new StringBuilder("<p>Those whose class got the least probability.</p>\n<div class=\"images\">\n");
        for (HardImage image : report.hardest(MOST_IMAGES)) {
            images.append("<figure>");
            byte[] picture = report.picture(image);
            if (picture.length > 0) {
                images.append("<img alt=\"\" src=\"data:image/png;base64,")
                        .append(Base64.getEncoder().encodeToString(picture))
                        .append("\">");
            }
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
