package org.transfer4j.evaluation;

import static org.transfer4j.evaluation.ReportPage.three;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.List;
import org.transfer4j.internal.chart.HtmlPage;

/** What several labels an image are worth a look. */
final class MultiLabelPage extends ReportPage<MultiLabelReport> {
    MultiLabelPage(MultiLabelReport report) {
        super(report);
    }

    @Override
    List<Figure<MultiLabelReport>> figures() {
        return List.of(
                Figure.of("micro F1", MultiLabelReport::microF1),
                Figure.of("macro F1", MultiLabelReport::macroF1),
                Figure.of("micro precision", MultiLabelReport::microPrecision),
                Figure.of("micro recall", MultiLabelReport::microRecall),
                Figure.of("all labels right", MultiLabelReport::subsetAccuracy),
                Figure.of("binary accuracy", MultiLabelReport::binaryAccuracy),
                Figure.of("loss", MultiLabelReport::loss),
                Figure.alone("mean average precision", MultiLabelReport::meanAveragePrecision));
    }

    @Override
    void sections(HtmlPage page) {
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
        page.section("classes", "Labels", HtmlPage.table(headings, rows.toString()));
    }

    @Override
    void hardest(HtmlPage page, ReportImages images) {
        List<ReportImages.Shown> hardest = report.hardest(MOST_IMAGES).stream()
                .map(image -> new ReportImages.Shown(
                        image.index(),
                        "<b>" + names(image.actual()) + "</b>"
                                + (image.actual().equals(image.given())
                                        ? ""
                                        : "<br>taken for <b>" + names(image.given()) + "</b>")
                                + "<br>loss " + three(image.loss())))
                .toList();
        images.section(page, "hardest", "Hardest images", "Those with the largest loss.", hardest);
    }

    private static String names(List<String> labels) {
        return labels.isEmpty() ? "no label" : escape(String.join(", ", labels));
    }
}
