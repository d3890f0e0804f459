package org.transfer4j.internal.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.transfer4j.internal.chart.Chart.Anchor;
import org.transfer4j.internal.chart.Chart.Ink;

/** Lines over two axes. What is not finite is a gap; a line of one point is a dot. */
public final class LineChart extends Chart {
    /** At the least; labels that are wide have more. */
    private static final int LEFT = 64;

    private static final int AXIS_NAME = 34;
    private static final int RIGHT = 20;
    private static final int TOP = 40;
    private static final int BOTTOM = 52;
    private static final double SMALL = 12;
    /** Of a digit, at the most. */
    private static final double DIGIT_WIDTH = 7;

    private static final int TICKS = 6;
    private static final double LARGE = 1e6;
    private static final double TINY = 1e-5;

    private final int width;
    private final int height;
    private final String title;
    private final String across;
    private final String up;
    private final List<Series> series = new ArrayList<>();
    private final List<Double> borders = new ArrayList<>();
    private final List<Bar> bars = new ArrayList<>();
    private boolean logarithmic;
    private boolean whole;
    private double least = Double.NaN;
    private double most = Double.NaN;
    private double left = LEFT;

    private record Series(String name, List<Double> x, List<Double> y, Ink ink, boolean dots, boolean dashed) {
        boolean isShown(int place) {
            return Double.isFinite(x.get(place)) && Double.isFinite(y.get(place));
        }
    }

    /** A bar that stands on zero. */
    private record Bar(double from, double to, double height, String tip) {}

    /**
     * Where values of an axis are.
     *
     * @param whole whether it has whole numbers
     */
    private record Axis(double least, double most, boolean logarithmic, boolean whole, double start, double length) {
        static Axis of(
                DoubleSummaryStatistics values, boolean logarithmic, boolean whole, double start, double length) {
            return values.getCount() == 0
                    ? new Axis(0, 1, false, whole, start, length)
                    : new Axis(values.getMin(), values.getMax(), logarithmic, whole, start, length);
        }

        double place(double value) {
            double from = logarithmic ? Math.log(least) : least;
            double to = logarithmic ? Math.log(most) : most;
            double at = logarithmic ? Math.log(value) : value;
            return start + (to > from ? (at - from) / (to - from) : 0.5) * length;
        }

        /** Powers of ten, or multiples of 1, 2 or 5 times one. */
        double[] ticks() {
            if (logarithmic) {
                int from = (int) Math.ceil(Math.log10(least) - 1e-9);
                int to = (int) Math.floor(Math.log10(most) + 1e-9);
                int step = Math.max(1, (to - from) / TICKS);
                return DoubleStream.iterate(from, power -> power <= to, power -> power + step)
                        .map(power -> Math.pow(10, power))
                        .toArray();
            }
            double step = step();
            double first = Math.ceil(least / step - 1e-9);
            return DoubleStream.iterate(first, count -> count * step <= most + step * 1e-9, count -> count + 1)
                    .map(count -> count * step)
                    .limit(2L * TICKS)
                    .toArray();
        }

        private double step() {
            double rough = (most - least) / TICKS;
            if (!(rough > 0) || !Double.isFinite(rough)) {
                return 1;
            }
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double step = rough <= power
                    ? power
                    : rough <= 2 * power ? 2 * power : rough <= 5 * power ? 5 * power : 10 * power;
            return whole ? Math.max(1, Math.rint(step)) : step;
        }

        /** With as many digits as neighbours need to differ. */
        String label(double value) {
            if (logarithmic) {
                return String.format(Locale.ROOT, "1e%d", Math.round(Math.log10(value)));
            }
            double step = step();
            double largest = Math.max(Math.abs(least), Math.abs(most));
            if (largest >= LARGE || step < TINY) {
                return scientific(value, step);
            }
            int digits = Math.max(0, (int) Math.ceil(-Math.log10(step) - 1e-9));
            return String.format(Locale.ROOT, "%." + digits + "f", value + 0.0);
        }

        private static String scientific(double value, double step) {
            if (Math.abs(value) < step / 2) {
                return "0";
            }
            double power = Math.floor(Math.log10(Math.abs(value)) + 1e-12);
            int digits = Math.max(0, (int) Math.round(power - Math.floor(Math.log10(step) + 1e-9)));
            return String.format(Locale.ROOT, "%." + digits + "e", value).replaceFirst("e([+]|(-))0*", "e$2");
        }

        int longestLabel() {
            return Arrays.stream(ticks())
                    .mapToObj(this::label)
                    .mapToInt(String::length)
                    .max()
                    .orElse(0);
        }
    }

    /** A chart without lines. */
    public LineChart(int width, int height, String title, String across, String up) {
        this.width = width;
        this.height = height;
        this.title = title;
        this.across = across;
        this.up = up;
    }

    /** Adds a line. */
    public LineChart line(String name, List<Double> x, List<Double> y, Ink ink) {
        series.add(new Series(name, x, y, ink, false, false));
        return this;
    }

    /** Adds a dashed line, to compare with. */
    public LineChart guide(List<Double> x, List<Double> y) {
        series.add(new Series("", x, y, Ink.MUTED, false, true));
        return this;
    }

    /** Adds points without lines between them. */
    public LineChart dots(String name, List<Double> x, List<Double> y, Ink ink) {
        series.add(new Series(name, x, y, ink, true, false));
        return this;
    }

    /**
     * Adds a bar from zero upwards.
     *
     * @param tip what is told where somebody points at it
     */
    public LineChart bar(double from, double to, double barHeight, String tip) {
        bars.add(new Bar(from, to, barHeight, tip));
        return this;
    }

    /** Adds a border between what is on its left and on its right. */
    public LineChart border(double x) {
        borders.add(x);
        return this;
    }

    /** Has the logarithm across. */
    public LineChart logarithmic() {
        logarithmic = true;
        return this;
    }

    /** Has whole numbers across. */
    public LineChart whole() {
        whole = true;
        return this;
    }

    /** Sets what the axis upwards shows; NaN leaves an end to the values. */
    public LineChart range(double from, double to) {
        least = from;
        most = to;
        return this;
    }

    @Override
    protected int width() {
        return width;
    }

    @Override
    protected int height() {
        return height;
    }

    @Override
    protected void draw(Canvas canvas) {
        canvas.text(title, width / 2.0, TOP / 2.0, Anchor.MIDDLE, 15, Ink.TEXT, false);
        canvas.text(up, 16, TOP + (height - TOP - BOTTOM) / 2.0, Anchor.MIDDLE, SMALL, Ink.MUTED, true);
        DoubleSummaryStatistics shownAcross = values(Series::x);
        DoubleSummaryStatistics shown = values(Series::y);
        for (Bar bar : bars) {
            shownAcross.accept(bar.from);
            shownAcross.accept(bar.to);
            shown.accept(0);
            shown.accept(bar.height);
        }
        if (Double.isFinite(least)) {
            shown.accept(least);
        }
        if (Double.isFinite(most)) {
            shown.accept(most);
        }
        Axis y = Axis.of(shown, false, false, (double) height - BOTTOM, (double) TOP + BOTTOM - height);
        left = Math.max(LEFT, AXIS_NAME + DIGIT_WIDTH * y.longestLabel());
        canvas.text(across, left + (width - left - RIGHT) / 2, height - 14.0, Anchor.MIDDLE, SMALL, Ink.MUTED, false);
        Axis x = Axis.of(shownAcross, logarithmic, whole, left, width - left - RIGHT);
        grid(canvas, x, y);
        for (double border : borders) {
            double place = x.place(border);
            canvas.line(new double[] {place, place}, new double[] {TOP, height - BOTTOM}, Ink.MUTED, true);
        }
        bars.forEach(bar -> draw(canvas, bar, x, y));
        series.forEach(each -> draw(canvas, each, x, y));
        legend(canvas);
    }

    private DoubleSummaryStatistics values(Function<Series, List<Double>> which) {
        DoubleSummaryStatistics all = new DoubleSummaryStatistics();
        for (Series each : series) {
            for (int i = 0; i < each.x.size(); i++) {
                if (each.isShown(i)) {
                    all.accept(which.apply(each).get(i));
                }
            }
        }
        return all;
    }

    private void grid(Canvas canvas, Axis x, Axis y) {
        for (double tick : x.ticks()) {
            double place = x.place(tick);
            canvas.line(new double[] {place, place}, new double[] {TOP, height - BOTTOM}, Ink.GRID, false);
            canvas.text(x.label(tick), place, height - BOTTOM + 14.0, Anchor.MIDDLE, SMALL, Ink.MUTED, false);
        }
        for (double tick : y.ticks()) {
            double place = y.place(tick);
            canvas.line(new double[] {left, width - RIGHT}, new double[] {place, place}, Ink.GRID, false);
            canvas.text(y.label(tick), left - 6, place, Anchor.END, SMALL, Ink.MUTED, false);
        }
    }

    private static void draw(Canvas canvas, Bar bar, Axis x, Axis y) {
        double left = x.place(bar.from);
        double top = y.place(bar.height);
        // a gap of a pixel between neighbours
        double barWidth = Math.max(0.5, x.place(bar.to) - left - 1);
        canvas.rectangle(left, top, barWidth, y.place(0) - top, Ink.FIRST, 0.8, bar.tip);
    }

    private static void draw(Canvas canvas, Series line, Axis x, Axis y) {
        int begin = 0;
        while (begin < line.x.size()) {
            int end = begin;
            while (end < line.x.size() && line.isShown(end)) {
                end++;
            }
            double[] across = new double[end - begin];
            double[] up = new double[end - begin];
            for (int i = 0; i < across.length; i++) {
                across[i] = x.place(line.x.get(begin + i));
                up[i] = y.place(line.y.get(begin + i));
            }
            if (across.length > 1 && !line.dots) {
                canvas.line(across, up, line.ink, line.dashed);
            }
            if (line.dots || across.length == 1) {
                for (int i = 0; i < across.length; i++) {
                    canvas.dot(across[i], up[i], line.ink);
                }
            }
            begin = end + 1;
        }
    }

    private void legend(Canvas canvas) {
        double y = TOP + 14.0;
        for (Series each : series) {
            if (IntStream.range(0, each.x.size()).anyMatch(each::isShown) && !each.name.isEmpty()) {
                double right = width - RIGHT;
                canvas.line(new double[] {right - 34, right - 10}, new double[] {y, y}, each.ink, each.dashed);
                canvas.text(each.name, right - 40, y, Anchor.END, SMALL, Ink.TEXT, false);
                y += 18;
            }
        }
    }
}
