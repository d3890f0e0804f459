package org.transfer4j.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A history as a picture: loss on the left, accuracy on the right. */
final class HistoryPlot {
    private static final Color TRAINING = new Color(0x1F77B4);
    private static final Color VALIDATION = new Color(0xFF7F0E);
    private static final Color PHASE = new Color(0x999999);
    private static final int WIDTH = 700;
    private static final int HEIGHT = 500;

    private HistoryPlot() {}

    static void write(List<EpochRecord> epochs, Path file) {
        if (epochs.isEmpty()) {
            throw new IllegalStateException("A history without epochs can't be plotted");
        }
        XYChart loss = chart(epochs, "loss", EpochRecord::loss, record -> orNaN(record.validationLoss()));
        XYChart accuracy =
                chart(epochs, "accuracy", EpochRecord::accuracy, record -> orNaN(record.validationAccuracy()));
        accuracy.getStyler().setYAxisMax(1.0);
        accuracy.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
        ChartFile.write(List.of(loss, accuracy), file);
    }

    private static double orNaN(OptionalDouble value) {
        return value.orElse(Double.NaN);
    }

    private static XYChart chart(
            List<EpochRecord> epochs,
            String name,
            ToDoubleFunction<EpochRecord> training,
            ToDoubleFunction<EpochRecord> validation) {
        XYChart chart = new XYChart(WIDTH, HEIGHT);
        chart.setTitle(name);
        chart.setXAxisTitle("epoch");
        chart.getStyler().setChartBackgroundColor(Color.WHITE).setLegendPosition(Styler.LegendPosition.InsideNE);
        chart.getStyler().setXAxisDecimalPattern("0");
        List<Double> shown = new ArrayList<>();
        line(chart, "training", epochs, training, TRAINING, shown);
        line(chart, "validation", epochs, validation, VALIDATION, shown);
        if (shown.isEmpty()) {
            chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
            series(chart, "nothing finite", numbers(epochs), Collections.nCopies(epochs.size(), 0.0), PHASE);
        } else {
            phases(chart, epochs, shown);
        }
        return chart;
    }

    private static void line(
            XYChart chart,
            String name,
            List<EpochRecord> epochs,
            ToDoubleFunction<EpochRecord> value,
            Color colour,
            List<Double> shown) {
        List<Double> numbers = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (EpochRecord record : epochs) {
            double y = value.applyAsDouble(record);
            if (Double.isFinite(y)) {
                numbers.add((double) record.epoch());
                values.add(y);
            }
        }
        if (!values.isEmpty()) {
            series(chart, name, numbers, values, colour);
            shown.addAll(values);
        }
    }

    private static XYSeries series(XYChart chart, String name, List<Double> x, List<Double> y, Color colour) {
        XYSeries series = chart.addSeries(name, x, y);
        series.setLineColor(colour);
        // a single epoch is a point, which a line would not show
        series.setMarker(x.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setMarkerColor(colour);
        return series;
    }

    private static List<Double> numbers(List<EpochRecord> epochs) {
        return epochs.stream().map(record -> (double) record.epoch()).toList();
    }

    private static void phases(XYChart chart, List<EpochRecord> epochs, List<Double> shown) {
        double lowest = shown.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double highest = shown.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        for (int i = 1; i < epochs.size(); i++) {
            if (epochs.get(i).phase() != epochs.get(i - 1).phase()) {
                double x = (epochs.get(i).epoch() + epochs.get(i - 1).epoch()) / 2.0;
                XYSeries border =
                        series(chart, "phase " + epochs.get(i).phase(), List.of(x, x), List.of(lowest, highest), PHASE);
                border.setShowInLegend(false);
                border.setLineStyle(
                        new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {2, 4}, 0));
            }
        }
    }
}
