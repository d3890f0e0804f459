package org.transfer4j.evaluation;

import static org.transfer4j.evaluation.ReportPage.three;

import java.util.List;
import org.transfer4j.internal.chart.HtmlPage;

/** An evaluation of several labels an image as one page of HTML, beside {@link ReportPage}. */
final class MultiLabelPage {
    private MultiLabelPage() {}

    static String of(MultiLabelReport report, ModelCard card) {
        HtmlPage page = new HtmlPage(card.title());
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n")
                .append(HtmlPage.figure("images", Long.toString(report.size()), ""))
                .append(HtmlPage.figure("micro F1", three(report.microF1()), ""))
                .append(HtmlPage.figure("macro F1", three(report.macroF1()), ""))
                .append(HtmlPage.figure("micro precision", three(report.microPrecision()), ""))
                .append(HtmlPage.figure("micro recall", three(report.microRecall()), ""))
                .append(HtmlPage.figure("mean average precision", three(report.meanAveragePrecision()), ""))
                .append(HtmlPage.figure("binary accuracy", three(report.binaryAccuracy()), ""))
                .append(HtmlPage.figure("all labels right", three(report.subsetAccuracy()), "of the images"))
                .append(HtmlPage.figure("loss", three(report.loss()), ""))
                .append("</dl>\n</section>\n");
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
        ReportPage.modelCard(page, card);
        return page.write();
    }
}
