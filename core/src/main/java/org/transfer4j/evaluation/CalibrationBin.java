package org.transfer4j.evaluation;

import java.util.List;
import org.transfer4j.internal.chart.Chart;
import org.transfer4j.internal.chart.LineChart;

/**
 * The images whose predicted class has a probability in a range: a classifier is calibrated where as many of them are right
 * as their mean probability says.
 *
 * @param low the lower end of the range, which is not part of it but for 0
 * @param high the upper end of the range
 * @param size the number of images
 * @param confidence the mean probability of their predicted classes, NaN where there is no image
 * @param accuracy the part of them that is right, NaN where there is no image
 */
public record CalibrationBin(double low, double high, long size, double confidence, double accuracy) {
    /** The part that is right over the probability. */
    static LineChart chart(List<CalibrationBin> all) {
        List<CalibrationBin> bins = all.stream().filter(bin -> bin.size() > 0).toList();
        List<Double> confidence = bins.stream().map(CalibrationBin::confidence).toList();
        List<Double> accuracy = bins.stream().map(CalibrationBin::accuracy).toList();
        return new LineChart(560, 480, "Calibration", "probability of the predicted class", "part that is right")
                .range(0, 1)
                .guide(List.of(0.0, 1.0), List.of(0.0, 1.0))
                .line("", confidence, accuracy, Chart.Ink.FIRST)
                .dots("", confidence, accuracy, Chart.Ink.FIRST);
    }
}
