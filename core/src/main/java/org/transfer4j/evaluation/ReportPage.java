package org.transfer4j.evaluation;

import static org.transfer4j.evaluation.RegressionReport.number;
import static org.transfer4j.internal.chart.HtmlPage.escape;
import static org.transfer4j.internal.chart.HtmlPage.row;
import static org.transfer4j.internal.chart.HtmlPage.table;
import static org.transfer4j.internal.chart.HtmlPage.wide;

import java.awt.image.BufferedImage;
import java.util.Iterator;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.internal.chart.HtmlPage;
import org.transfer4j.internal.chart.LineChart;
import org.transfer4j.internal.chart.Thumbnails;
import org.transfer4j.internal.text.TextTable;

/** A report as one page of HTML that loads nothing. Names, labels and paths are escaped, wherever they come from. */
abstract sealed class ReportPage<R extends Report<R>> {
    static final int MOST_IMAGES = 48;

    final R report;

    ReportPage(R report) {
        this.report = report;
    }

    /**
     * A number in large print.
     *
     * @param drawn whether its interval stands beside it
     */
    record Figure<R>(String name, ToDoubleFunction<R> value, DoubleFunction<String> text, boolean drawn) {
        static <R> Figure<R> of(String name, ToDoubleFunction<R> value) {
            return new Figure<>(name, value, ReportPage::three, true);
        }

        static <R> Figure<R> alone(String name, ToDoubleFunction<R> value) {
            return new Figure<>(name, value, ReportPage::three, false);
        }
    }

    abstract List<Figure<R>> figures();

    /** What the figures are of. */
    abstract void sections(HtmlPage page);

    /** The images to look at, and what is said of them. */
    abstract void hardest(HtmlPage page, Images images);

    final String write(Images images, ModelCard card) {
        HtmlPage page = new HtmlPage(card.title());
        figures(page);
        if (!card.history().epochs().isEmpty()) {
            page.section("training", "Training", wide(card.history().toSvg()));
        }
        sections(page);
        hardest(page, images);
        images.inspection(page);
        modelCard(page, card);
        return page.write();
    }

    private void figures(HtmlPage page) {
        List<Figure<R>> figures = figures();
        Iterator<Interval> intervals = report.intervals(figures.stream()
                        .filter(Figure::drawn)
                        .map(Figure::value)
                        .toList())
                .iterator();
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n");
        page.append(HtmlPage.figure("images", Integer.toString(report.images), ""));
        for (Figure<R> figure : figures) {
            Interval interval = figure.drawn() ? intervals.next() : null;
            double value = figure.value().applyAsDouble(report);
            String ends = interval == null || !Double.isFinite(value)
                    ? ""
                    : figure.text().apply(interval.low()) + " to "
                            + figure.text().apply(interval.high());
            page.append(HtmlPage.figure(figure.name(), figure.text().apply(value), ends));
        }
        page.append("</dl>\n<p class=\"note\">In small print: 95% bootstrap intervals.</p>\n</section>\n");
    }

    private static void modelCard(HtmlPage page, ModelCard card) {
        StringBuilder content = new StringBuilder();
        if (!card.facts().isEmpty()) {
            StringBuilder rows = new StringBuilder("<table>\n<tbody>\n");
            card.facts().forEach((name, fact) -> rows.append(row(name, fact.isEmpty() ? "-" : fact)));
            content.append(wide(rows.append("</tbody>\n</table>").toString())).append('\n');
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

    static String three(double value) {
        return TextTable.decimals(value, 3);
    }

    /**
     * What a report knows of its images beside figures.
     *
     * @param names where one comes from, by its number
     * @param pictures small PNGs of it, of no bytes where there is none
     * @param heatMaps the same with what the network looks at, null where nobody asked for it
     * @param inspection what was found in the data, null where nobody told
     */
    record Images(
            IntFunction<String> names,
            IntFunction<byte[]> pictures,
            @Nullable IntFunction<byte[]> heatMaps,
            @Nullable DatasetInspection inspection) {
        static final Images NUMBERED = of(index -> "image " + index, index -> new byte[0]);

        static Images of(IntFunction<String> names, IntFunction<byte[]> pictures) {
            return new Images(names, pictures, null, null);
        }

        Images with(@Nullable DatasetInspection found) {
            return new Images(names, pictures, heatMaps, found);
        }

        Images withHeatMaps(IntFunction<BufferedImage> overlay) {
            return new Images(names, pictures, Thumbnails.of(overlay, names), inspection);
        }

        Images withoutPaths() {
            return NUMBERED.with(inspection == null ? null : inspection.withoutPaths());
        }

        /** An image of a page, and what stands below it, in HTML. */
        record Shown(int index, String caption) {}

        /** A section of a page with pictures of some of them. */
        void section(HtmlPage page, String id, String heading, String words, List<Shown> some) {
            StringBuilder content = new StringBuilder("<p>").append(words);
            content.append(
                    heatMaps == null || some.isEmpty() ? "" : " Beside each in orange, where the network looks.");
            content.append("</p>\n<div class=\"images")
                    .append(heatMaps == null ? "" : " pairs")
                    .append("\">\n");
            for (Shown image : some) {
                content.append("<figure>").append(HtmlPage.picture(pictures.apply(image.index())));
                content.append(heatMaps == null ? "" : HtmlPage.picture(heatMaps.apply(image.index())));
                content.append("<figcaption>").append(image.caption()).append("<br>");
                content.append("<span class=\"path\">").append(escape(names.apply(image.index())));
                content.append("</span></figcaption></figure>\n");
            }
            page.section(id, heading, content.append("</div>").toString());
        }

        /** A section of what was found in the data, where somebody told. */
        void inspection(HtmlPage page) {
            if (inspection != null) {
                page.section("data", "What was found in the data", "<pre>" + escape(inspection.toString()) + "</pre>");
            }
        }
    }

    /** What one class an image is worth a look. */
    static final class OfClasses extends ReportPage<EvaluationReport> {
        private static final int MOST_PAIRS = 20;

        OfClasses(EvaluationReport report) {
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
                    wide(report.confusionMatrix().toSvg()));
            confusedPairs(page);
            classes(page);
            page.section(
                    "calibration",
                    "Calibration",
                    "<p>How many predictions of a probability are right. On the dashed line all probabilities are true; below"
                            + " it the classifier is too sure.</p>\n"
                            + wide(CalibrationBin.chart(report.calibration())
                                    .svg("part of the predictions that is right, by their probability")));
        }

        private void confusedPairs(HtmlPage page) {
            List<ConfusedPair> pairs = report.confusionMatrix().mostConfused(MOST_PAIRS);
            Stream<String> rows =
                    pairs.stream().map(pair -> row(pair.actual(), pair.predicted(), pair.count(), three(pair.share())));
            page.section(
                    "pairs",
                    "Most confused",
                    pairs.isEmpty()
                            ? "<p>No image was taken for another class.</p>"
                            : table(List.of("actual", "taken for", "images", "part of actual"), rows));
        }

        private void classes(HtmlPage page) {
            List<String> headings = List.of("class", "", "precision", "recall", "F1", "PR-AUC", "ROC-AUC", "images");
            Stream<String> rows = IntStream.range(0, report.classes().size()).mapToObj(i -> {
                ClassMetrics metrics = report.classes().get(i);
                return row(
                        metrics.name(),
                        "",
                        three(metrics.precision()),
                        three(metrics.recall()),
                        three(metrics.f1()),
                        three(report.averagePrecision(i)),
                        three(report.rocAuc(i)),
                        metrics.support());
            });
            page.section("classes", "Classes", table(headings, rows));
        }

        @Override
        void hardest(HtmlPage page, Images images) {
            List<Images.Shown> hardest = report.hardest(MOST_IMAGES).stream()
                    .map(image -> new Images.Shown(
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

    /** What several labels an image are worth a look. */
    static final class OfLabels extends ReportPage<MultiLabelReport> {
        OfLabels(MultiLabelReport report) {
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
            List<LabelMetrics> labels = report.classes();
            List<String> headings =
                    List.of("label", "", "precision", "recall", "F1", "PR-AUC", "threshold", "images with it");
            Stream<String> rows = IntStream.range(0, labels.size()).mapToObj(i -> {
                LabelMetrics metrics = labels.get(i);
                return row(
                        metrics.name(),
                        "",
                        three(metrics.precision()),
                        three(metrics.recall()),
                        three(metrics.f1()),
                        three(metrics.averagePrecision()),
                        three(report.thresholds().get(i)),
                        metrics.support());
            });
            page.section("classes", "Labels", table(headings, rows));
        }

        @Override
        void hardest(HtmlPage page, Images images) {
            List<Images.Shown> hardest = report.hardest(MOST_IMAGES).stream()
                    .map(image -> new Images.Shown(
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

    /** What predicted numbers are worth a look. */
    static final class OfNumbers extends ReportPage<RegressionReport> {
        private static final int MOST_PICTURES = 12;

        OfNumbers(RegressionReport report) {
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
                HtmlPage page,
                String id,
                String heading,
                String words,
                String description,
                IntFunction<LineChart> chart) {
            StringBuilder charts = new StringBuilder("<p>").append(words).append("</p>\n");
            for (int target = 0;
                    target < Math.min(MOST_PICTURES, report.targets().size());
                    target++) {
                String name = report.targets().get(target).name();
                charts.append(wide(chart.apply(target).svg(name + ": " + description)))
                        .append('\n');
            }
            page.section(id, heading, charts.toString());
        }

        private void targets(HtmlPage page) {
            List<String> headings = List.of(
                    "target",
                    "",
                    "mean abs. error",
                    "root mean sq. error",
                    "median abs. error",
                    "R2",
                    "explained variance",
                    "correlation");
            Stream<String> rows = report.targets().stream()
                    .map(metrics -> row(
                            metrics.name(),
                            "",
                            number(metrics.meanAbsoluteError()),
                            number(metrics.rootMeanSquaredError()),
                            number(metrics.medianAbsoluteError()),
                            three(metrics.r2()),
                            three(metrics.explainedVariance()),
                            three(metrics.correlation())));
            page.section("targets", "Targets", table(headings, rows));
        }

        @Override
        void hardest(HtmlPage page, Images images) {
            List<Images.Shown> largest = report.largestErrors(MOST_IMAGES).stream()
                    .map(error -> new Images.Shown(
                            error.index(),
                            escape(error.target()) + " <b>" + number(error.actual()) + "</b><br>predicted <b>"
                                    + number(error.predicted()) + "</b>"))
                    .toList();
            String words = "Those whose number was missed by most.";
            images.section(page, "largest", "Largest errors", words, largest);
        }
    }
}
