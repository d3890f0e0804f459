package org.transfer4j.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.transfer4j.internal.chart.Chart;
import org.transfer4j.internal.chart.LineChart;
import org.transfer4j.internal.chart.Png;

/**
 * The loss of a training whose learning rate grows with each step: it hardly moves where the rate is too low, falls where
 * it is right, and rises where it is too high.
 *
 * @param rates learning rates, from the lowest to the highest
 * @param losses the loss at each rate: the training loss of one batch before its step, exponentially smoothed (0.98,
 *     corrected for its start at zero)
 */
public record LearningRateCurve(List<Double> rates, List<Double> losses) {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;

    /** Values at the start, as a part of all, and at the end that are left out of the search: they tell nothing. */
    private static final int START = 10;

    private static final int END = 5;

    /**
     * Copies the lists.
     *
     * @param rates as above
     * @param losses as above
     * @throws IllegalArgumentException if there are none, or not as many of the one as of the other
     */
    public LearningRateCurve {
        if (rates.isEmpty() || rates.size() != losses.size()) {
            throw new IllegalArgumentException("a curve has one or more learning rates and a loss for each, got "
                    + rates.size() + " and " + losses.size());
        }
        rates = List.copyOf(rates);
        losses = List.copyOf(losses);
    }

    /**
     * A good rate: the one in the middle of the longest valley, as fastai's {@code valley} (proposed by ESRI) finds it,
     * the default of its {@code lr_find}. The valley is the longest series of ever lower losses, others being left out; a
     * tenth of the curve at its start and five values at its end are not looked at, if it is long enough.
     *
     * @return one of the rates
     */
    public double suggestion() {
        boolean isLong = rates.size() > 2 * END + 1;
        int first = isLong ? rates.size() / START : 0;
        int end = isLong ? rates.size() - END : rates.size();
        int[] lengths = new int[end];
        int lowest = first;
        for (int i = first; i < end; i++) {
            lengths[i] = 1;
            for (int j = first; j < i; j++) {
                if (losses.get(i) < losses.get(j)) {
                    lengths[i] = Math.max(lengths[i], lengths[j] + 1);
                }
            }
            lowest = lengths[i] > lengths[lowest] ? i : lowest;
        }
        int highest = Math.max(first, lowest - lengths[lowest]);
        return rates.get((highest + lowest) / 2);
    }

    /**
     * Draws the curve over the logarithm of the rates, and the suggestion on it. Needs no screen.
     *
     * @param png the file, written anew; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void plot(Path png) {
        double suggestion = suggestion();
        double loss = losses.get(rates.indexOf(suggestion));
        LineChart chart = new LineChart(WIDTH, HEIGHT, "Learning rate finder", "learning rate", "smoothed loss")
                .logarithmic()
                .line("loss", rates, losses, Chart.Ink.FIRST)
                .dots(
                        String.format(Locale.ROOT, "suggestion: %.2g", suggestion),
                        List.of(suggestion),
                        List.of(loss),
                        Chart.Ink.SECOND);
        SideFile.replace(png, "plot", Png.of(List.of(chart)));
    }

    @Override
    public String toString() {
        return rates.size() + " learning rates from " + rates.get(0) + " to " + rates.get(rates.size() - 1)
                + ", suggestion " + suggestion();
    }
}
