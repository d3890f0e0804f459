package org.transfer4j.evaluation;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.training.TrainingHistory;

/**
 * How a fitted model did on a dataset: what the reports of classifiers, of classifiers that give several labels, and of regressors
 * have in common. Immutable.
 *
 * @param <R> the kind of report
 */
public abstract sealed class Report<R extends Report<R>> permits EvaluationReport, MultiLabelReport, RegressionReport {
    /** Of a report that nobody has told more. */
    static final ModelCard NO_CARD = new ModelCard("Evaluation", TrainingHistory.empty(), "", Map.of());

    /** How many there are. */
    final int images;

    final ReportPage.Images shown;
    final ModelCard card;

    Report(int images, ReportPage.Images shown, ModelCard card) {
        this.images = images;
        this.shown = shown;
        this.card = card;
    }

    /** The same figures with something else to be said of images and model. */
    abstract R with(ReportPage.Images other, ModelCard otherCard);

    /** The figures of images that were drawn, by their numbers. */
    abstract R drawn(int[] places);

    /** How it is shown to others. */
    abstract ReportPage<R> page();

    /**
     * The same figures with something else to be said of the model.
     *
     * @param other for {@link #html}; a model's own evaluation has one
     * @return a new report
     */
    public final R with(ModelCard other) {
        Objects.requireNonNull(other, "other");
        return with(shown, other);
    }

    /**
     * The same figures with what was found in the data, for {@link #html} to tell of.
     *
     * @param found of the same images, or of a split that they are a part of
     * @return a new report
     */
    public final R with(DatasetInspection found) {
        Objects.requireNonNull(found, "found");
        return with(shown.with(found), card);
    }

    /**
     * The same figures with a second picture of each of the hardest images for {@link #html}: where the network looks.
     *
     * <pre>{@code
     * Explainer explainer = classifier.explainer();
     * report.withHeatMaps(i -> explainer.explain(data.image(i)).overlay()).html(page);
     * }</pre>
     *
     * @param overlay of an image, by its number from 0; asked when a page is written, 48 times at most. Images that can't be read
     *     any more, and those of which it gives null, are left out
     * @return a new report; one {@link #withoutPaths()} has none
     */
    public final R withHeatMaps(IntFunction<BufferedImage> overlay) {
        Objects.requireNonNull(overlay, "overlay");
        return with(shown.withHeatMaps(overlay), card);
    }

    /**
     * The same report, which knows what images are called and look like.
     *
     * @param names where an image comes from, a path for example, by its number from 0; asked when a report is
     * @param pictures the bytes of a small PNG of it, by the same number, or none; asked when a page is written
     * @return a new report; a model's own evaluation has both
     */
    public final R withImages(IntFunction<String> names, IntFunction<byte[]> pictures) {
        Objects.requireNonNull(names, "names");
        Objects.requireNonNull(pictures, "pictures");
        return with(ReportPage.Images.of(names, pictures), card);
    }

    /**
     * The same figures without what images are called and look like: where images are named they are numbered, and
     * {@link #html} shows none of them.
     *
     * @return a new report
     */
    public final R withoutPaths() {
        return with(shown.withoutPaths(), card);
    }

    /**
     * The 95% bootstrap interval of a figure: from the 2.5th to the 97.5th percentile of what it is on 1,000 sets of as many
     * images, drawn with replacement (B. Efron, 1979). The same report gives the same interval.
     *
     * @param figure for example {@code EvaluationReport::accuracy}
     * @return the interval; where the figure is not a number for some of the sets, that of the others
     */
    public final Interval interval(ToDoubleFunction<R> figure) {
        Objects.requireNonNull(figure, "figure");
        return intervals(List.of(figure)).get(0);
    }

    /** Those of several figures, of the same draws. */
    final List<Interval> intervals(List<ToDoubleFunction<R>> figures) {
        return Interval.bootstrap(images, figures.size(), places -> {
            R drawn = drawn(places);
            return figures.stream()
                    .mapToDouble(figure -> figure.applyAsDouble(drawn))
                    .toArray();
        });
    }

    /**
     * Writes a page for others to read: figures with their intervals, curves of the training, what the figures are of, as
     * pictures and as tables that can be sorted, the hardest images, what an inspection found where {@link #with(DatasetInspection)}
     * gave one, and the model card. It is one file that loads nothing, for light and dark screens; names and paths are shown as
     * they are, whatever they contain. The images are read now, small copies of them are in the page; one that can't be read is
     * left out. Of a regressor's targets the first 12 have pictures.
     *
     * @param file replaced whole or not at all; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     * @see #withoutPaths()
     */
    public final void html(Path file) {
        Objects.requireNonNull(file, "file");
        ReplacedFile.writeBytes(file, "report", () -> page().write(shown, card).getBytes(StandardCharsets.UTF_8));
    }

    /** Refuses what is no number of images or pairs to be listed. */
    static int requireCount(int most) {
        if (most < 0) {
            throw new IllegalArgumentException("how many are listed must be 0 or more, got " + most);
        }
        return most;
    }

    /** Where an image comes from, or its number. */
    final String name(int image) {
        return shown.names().apply(image);
    }

    /**
     * The figures as JSON.
     *
     * @return one JSON object, the same in every locale
     */
    public abstract String toJson();
}
