package org.transfer4j.evaluation;

import static org.transfer4j.evaluation.ReportPage.three;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.chart.HtmlPage;

/** An evaluation of several labels an image as one page of HTML, beside {@link ReportPage}. */
final class MultiLabelPage {
    private static final int MOST_IMAGES = 48;

    private MultiLabelPage() {}

    static String of(MultiLabelReport report, ModelCard card) {
        HtmlPage page = new HtmlPage(card.title());
        figures(page, report);
        ReportPage.training(page, card);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < report.classes().size(); i++) {
            LabelMetrics metrics = report.classes().get(i);
            rows.append(HtmlPage.row(
                    metrics.name(),
                    "",
                    three(metrics.precision()),
                    three(metrics.recall()),
                    three(metrics.f1()),
                    three(metrics.averagePrecision()),
                    three(report.thresholds().get(i)),
                    metrics.support()));
        }
        List<String> headings =
                List.of("label", "", "precision", "recall", "F1", "PR-AUC", "threshold", "images with it");
        page.section("classes", "Labels", HtmlPage.table(headings, 2, rows.toString()));
        hardestImages(page, report);
        report.images().inspection(page);
        ReportPage.modelCard(page, card);
        return page.write();
    }

    private static void figures(HtmlPage page, MultiLabelReport report) {
        Map<String, ToDoubleFunction<MultiLabelReport>> drawn = new LinkedHashMap<>();
        drawn.put("micro F1", MultiLabelReport::microF1);
        drawn.put("macro F1", MultiLabelReport::macroF1);
        drawn.put("micro precision", MultiLabelReport::microPrecision);
        drawn.put("micro recall", MultiLabelReport::microRecall);
        drawn.put("all labels right", MultiLabelReport::subsetAccuracy);
        drawn.put("binary accuracy", MultiLabelReport::binaryAccuracy);
        drawn.put("loss", MultiLabelReport::loss);
        Iterator<Interval> intervals =
                report.intervals(List.copyOf(drawn.values())).iterator();
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n");
        page.append(HtmlPage.figure("images", Long.toString(report.size()), ""));
        drawn.forEach((name, figure) -> {
            Interval interval = intervals.next();
            page.append(HtmlPage.figure(
                    name,
                    three(figure.applyAsDouble(report)),
                    three(interval.low()) + " to " + three(interval.high())));
        });
        page.append(HtmlPage.figure("mean average precision", three(report.meanAveragePrecision()), ""));
        page.append("</dl>\n<p class=\"note\">In small print: 95% bootstrap intervals.</p>\n</section>\n");
    }

    private static void hardestImages(HtmlPage page, MultiLabelReport report) {
        List<ReportImages.Shown> images = report.hardest(MOST_IMAGES).stream()
                .map(image -> new ReportImages.Shown(
                        image.index(),
                        "<b>" + names(image.actual()) + "</b>"
                                + (image.actual().equals(image.given())
                                        ? ""
                                        : "<br>taken for <b>" + names(image.given()) + "</b>")
                                + "<br>loss " + three(image.loss())))
                .toList();
        report.images().section(page, "hardest", "Hardest images", "Those with the largest loss.", images);
    }

    private static String names(List<String> labels) {
        return labels.isEmpty() ? "no label" : escape(String.join(", ", labels));
    }
}
