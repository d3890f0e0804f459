package org.transfer4j.training;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.chart.Canvas;
import org.transfer4j.internal.chart.LineChart;

/** A history as pictures: loss on the left, accuracy, where there are classes, on the right. */
final class HistoryPlot {
    private static final int WIDTH = 700;
    private static final int HEIGHT = 500;

    private HistoryPlot() {}

    /**
     * Two charts; the loss alone of a training of numbers.
     *
     * @throws IllegalStateException if there is no epoch
     */
    static List<LineChart> of(List<EpochRecord> epochs) {
        if (epochs.isEmpty()) {
            throw new IllegalStateException("A history without epochs can't be plotted");
        }
        LineChart loss = chart(
                epochs,
                "loss",
                EpochRecord::loss,
                record -> record.validationLoss().orElse(Double.NaN));
        if (epochs.stream().allMatch(EpochRecord::isOfNumbers)) {
            return List.of(loss);
        }
        return List.of(
                loss,
                chart(
                                epochs,
                                "accuracy",
                                EpochRecord::accuracy,
                                record -> record.validationAccuracy().orElse(Double.NaN))
                        .range(Double.NaN, 1));
    }

    private static LineChart chart(
            List<EpochRecord> epochs,
            String name,
            ToDoubleFunction<EpochRecord> training,
            ToDoubleFunction<EpochRecord> validation) {
        LineChart chart = new LineChart(WIDTH, HEIGHT, name, "epoch", "").whole();
        List<Double> numbers =
                epochs.stream().map(record -> (double) record.epoch()).toList();
        List<Double> validated = epochs.stream().map(validation::applyAsDouble).toList();
        chart.line(
                "training",
                numbers,
                epochs.stream().map(training::applyAsDouble).toList(),
                Canvas.Ink.FIRST);
        if (validated.stream().anyMatch(Double::isFinite)) {
            chart.line("validation", numbers, validated, Canvas.Ink.SECOND);
        }
        for (int i = 1; i < epochs.size(); i++) {
            if (epochs.get(i).phase() != epochs.get(i - 1).phase()) {
                chart.border((epochs.get(i).epoch() + epochs.get(i - 1).epoch()) / 2.0);
            }
        }
        return chart;
    }
}
