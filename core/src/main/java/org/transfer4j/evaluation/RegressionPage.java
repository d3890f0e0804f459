package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.HtmlPage.row;
import static org.transfer4j.internal.chart.HtmlPage.table;
import static org.transfer4j.internal.chart.Markup.escape;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.chart.HtmlPage;
import org.transfer4j.internal.chart.LineChart;
import org.transfer4j.internal.text.TextTable;

/** An evaluation of numbers as one page of HTML that loads nothing. Names and paths are escaped, wherever they come from. */
final class RegressionPage {
    private static final int MOST_PICTURES = 12;
    private static final int MOST_IMAGES = 48;

    private final RegressionReport report;
    private final ModelCard card;
    private final HtmlPage page;

    private RegressionPage(RegressionReport report, ModelCard card) {
        this.report = report;
        this.card = card;
        page = new HtmlPage(card.title());
    }

    static String of(RegressionReport report, ModelCard card) {
        return new RegressionPage(report, card).write();
    }

    private String write() {
        figures();
        ReportPage.training(page, card);
        charts(
                "predictions",
                "Predictions",
                "On the dashed line what is predicted is what is actual.",
                "what was predicted over what is actual",
                report::scatter);
        charts(
                "errors",
                "Errors",
                "How many images have which error, left of zero where too little was predicted.",
                "how many images have which error",
                report::errors);
        targets();
        largestErrors();
        ReportPage.modelCard(page, card);
        return page.write();
    }

    private void figures() {
        String mean = report.targets().size() == 1 ? "" : ", mean of targets";
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n");
        page.append(HtmlPage.figure("images", Integer.toString(report.size()), ""));
        List<Figure> figures = List.of(
                new Figure("mean absolute error", RegressionReport::meanAbsoluteError, RegressionReport::number),
                new Figure("root mean squared error", RegressionReport::rootMeanSquaredError, RegressionReport::number),
                new Figure("median absolute error", RegressionReport::medianAbsoluteError, RegressionReport::number),
                new Figure("R2", RegressionReport::r2, RegressionPage::three),
                new Figure("correlation", RegressionReport::correlation, RegressionPage::three));
        List<Interval> intervals =
                report.intervals(figures.stream().map(Figure::value).toList());
        for (int i = 0; i < figures.size(); i++) {
            page.append(figures.get(i).written(report, intervals.get(i), mean));
        }
        page.append("</dl>\n<p class=\"note\">In small print: 95% bootstrap intervals.</p>\n</section>\n");
    }

    /** A figure of all targets, and how it is written. */
    private record Figure(String name, ToDoubleFunction<RegressionReport> value, DoubleFunction<String> text) {
        String written(RegressionReport report, Interval interval, String mean) {
            double figure = value.applyAsDouble(report);
            return Double.isFinite(figure)
                    ? HtmlPage.figure(
                            name + mean,
                            text.apply(figure),
                            text.apply(interval.low()) + " to " + text.apply(interval.high()))
                    : HtmlPage.figure(name + mean, "-", "");
        }
    }

    private static String three(double value) {
        return Double.isFinite(value) ? TextTable.decimals(value, 3) : "-";
    }

    private void charts(String id, String heading, String words, String description, IntFunction<LineChart> chart) {
        StringBuilder charts = new StringBuilder("<p>").append(words).append("</p>\n");
        for (int target = 0; target < Math.min(MOST_PICTURES, report.targets().size()); target++) {
            charts.append("<div class=\"wide\">")
                    .append(chart.apply(target).svg(report.targets().get(target).name() + ": " + description))
                    .append("</div>\n");
        }
        page.section(id, heading, charts.toString());
    }

    private void targets() {
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
                        2,
                        rows.toString()));
    }

    private void largestErrors() {
        List<ReportImages.Shown> images = report.largestErrors(MOST_IMAGES).stream()
                .map(error -> new ReportImages.Shown(
                        error.index(),
                        escape(error.target()) + " <b>" + RegressionReport.number(error.actual())
                                + "</b><br>predicted <b>" + RegressionReport.number(error.predicted()) + "</b>"))
                .toList();
        String words = "Those whose number was missed by most.";
        report.images().section(page, "largest", "Largest errors", words, images);
    }
}
