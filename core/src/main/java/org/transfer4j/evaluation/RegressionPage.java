package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.HtmlPage.row;
import static org.transfer4j.internal.chart.HtmlPage.table;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.chart.HtmlPage;
import org.transfer4j.internal.chart.LineChart;

/** What predicted numbers are worth a look. */
final class RegressionPage extends ReportPage<RegressionReport> {
    private static final int MOST_PICTURES = 12;

    RegressionPage(RegressionReport report) {
        super(report);
    }

    @Override
    List<Figure<RegressionReport>> figures() {
        String mean = report.targets().size() == 1 ? "" : ", mean of targets";
        return List.of(
                error("mean absolute error" + mean, RegressionReport::meanAbsoluteError),
                error("root mean squared error" + mean, RegressionReport::rootMeanSquaredError),
                error("median absolute error" + mean, RegressionReport::medianAbsoluteError),
                Figure.of("R2" + mean, RegressionReport::r2),
                Figure.of("correlation" + mean, RegressionReport::correlation));
    }

    private static Figure<RegressionReport> error(String name, ToDoubleFunction<RegressionReport> value) {
        return new Figure<>(name, value, RegressionReport::number, true);
    }

    @Override
    void sections(HtmlPage page) {
        charts(
                page,
                "predictions",
                "Predictions",
                "On the dashed line what is predicted is what is actual.",
                "what was predicted over what is actual",
                report::scatter);
        charts(
                page,
                "errors",
                "Errors",
                "How many images have which error, left of zero where too little was predicted.",
                "how many images have which error",
                report::errors);
        targets(page);
    }

    private void charts(
            HtmlPage page, String id, String heading, String words, String description, IntFunction<LineChart> chart) {
        StringBuilder charts = new StringBuilder("<p>").append(words).append("</p>\n");
        for (int target = 0; target < Math.min(MOST_PICTURES, report.targets().size()); target++) {
            charts.append("<div class=\"wide\">")
                    .append(chart.apply(target).svg(report.targets().get(target).name() + ": " + description))
                    .append("</div>\n");
        }
        page.section(id, heading, charts.toString());
    }

    private void targets(HtmlPage page) {
        StringBuilder rows = new StringBuilder();
        for (TargetMetrics metrics : report.targets()) {
            rows.append(row(
                    metrics.name(),
                    "",
                    RegressionReport.number(metrics.meanAbsoluteError()),
                    RegressionReport.number(metrics.rootMeanSquaredError()),
                    RegressionReport.number(metrics.medianAbsoluteError()),
                    three(metrics.r2()),
                    three(metrics.explainedVariance()),
                    three(metrics.correlation())));
        }
        page.section(
                "targets",
                "Targets",
                table(
                        List.of(
                                "target",
                                "",
                                "mean abs. error",
                                "root mean sq. error",
                                "median abs. error",
                                "R2",
                                "explained variance",
                                "correlation"),
                        rows.toString()));
    }

    @Override
    void hardest(HtmlPage page, ReportImages images) {
        List<ReportImages.Shown> largest = report.largestErrors(MOST_IMAGES).stream()
                .map(error -> new ReportImages.Shown(
                        error.index(),
                        escape(error.target()) + " <b>" + RegressionReport.number(error.actual())
                                + "</b><br>predicted <b>" + RegressionReport.number(error.predicted()) + "</b>"))
                .toList();
        String words = "Those whose number was missed by most.";
        images.section(page, "largest", "Largest errors", words, largest);
    }
}
