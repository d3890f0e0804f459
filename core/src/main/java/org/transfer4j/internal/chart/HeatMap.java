package org.transfer4j.internal.chart;

import java.util.Arrays;
import java.util.List;
import org.transfer4j.internal.chart.Canvas.Anchor;
import org.transfer4j.internal.chart.Canvas.Ink;
import org.transfer4j.internal.text.TextTable;

/**
 * Counts of pairs as a square: the darker a cell, the larger its part of its row. Few names are written beside it, and
 * the counts in it; of many, a cell tells its own when it is pointed at.
 */
public final class HeatMap implements Chart {
    private static final int SIDE = 720;
    private static final int SMALLEST = 4;
    private static final int LARGEST = 56;
    private static final int READABLE = 11;
    private static final int ROOMY = 24;
    private static final int LONGEST_NAME = 18;
    private static final int TITLE = 15;
    private static final double LETTER = 0.62;

    private final String title;
    private final List<String> wholeNames;
    private final List<String> names;
    private final long[][] counts;
    private final int cell;
    private final double size;
    private final int margin;

    /**
     * A map.
     *
     * @param names of rows and columns
     * @param counts rows, not copied
     */
    public HeatMap(String title, List<String> names, long[][] counts) {
        this.title = title;
        wholeNames = names;
        this.names =
                names.stream().map(name -> TextTable.cut(name, LONGEST_NAME)).toList();
        this.counts = counts;
        cell = Math.max(SMALLEST, Math.min(LARGEST, SIDE / Math.max(1, counts.length)));
        size = Math.min(13, cell - 1.0);
        int longest = this.names.stream().mapToInt(String::length).max().orElse(0);
        margin = isNamed() ? 30 + (int) (longest * size * LETTER) : 30;
    }

    private boolean isNamed() {
        return cell >= READABLE;
    }

    @Override
    public int width() {
        int ofTitle = (int) (title.length() * TITLE * LETTER);
        return Math.max(margin + cell * counts.length, ofTitle) + 20;
    }

    @Override
    public int height() {
        return 30 + margin + cell * counts.length + 10;
    }

    @Override
    public void draw(Canvas canvas) {
        int top = 30 + margin;
        canvas.text(title, width() / 2.0, 16, Anchor.MIDDLE, TITLE, Ink.TEXT, false);
        canvas.text("actual", 12, top + cell * counts.length / 2.0, Anchor.MIDDLE, 12, Ink.MUTED, true);
        canvas.text("predicted", margin + cell * counts.length / 2.0, 42, Anchor.MIDDLE, 12, Ink.MUTED, false);
        for (int row = 0; row < counts.length; row++) {
            if (isNamed()) {
                double middle = (row + 0.5) * cell;
                canvas.text(names.get(row), margin - 6.0, top + middle, Anchor.END, size, Ink.TEXT, false);
                canvas.text(names.get(row), margin + middle, top - 6.0, Anchor.START, size, Ink.TEXT, true);
            }
            long all = Arrays.stream(counts[row]).sum();
            for (int column = 0; column < counts.length; column++) {
                if (counts[row][column] > 0) {
                    cell(canvas, row, column, top, (double) counts[row][column] / all);
                }
            }
        }
        double end = margin + (double) cell * counts.length;
        double bottom = top + (double) cell * counts.length;
        canvas.line(
                new double[] {margin, end, end, margin, margin},
                new double[] {top, top, bottom, bottom, top},
                Ink.GRID,
                false);
    }

    private void cell(Canvas canvas, int row, int column, int top, double share) {
        double x = margin + (double) column * cell;
        double y = top + (double) row * cell;
        double gap = isNamed() ? 1 : 0;
        canvas.rectangle(
                x,
                y,
                cell - gap,
                cell - gap,
                row == column ? Ink.FIRST : Ink.SECOND,
                // also one of many is seen
                (isNamed() ? 0.15 : 0.4) + (isNamed() ? 0.7 : 0.5) * share,
                wholeNames.get(row) + " taken for " + wholeNames.get(column) + ": " + counts[row][column]);
        String count = Long.toString(counts[row][column]);
        if (cell >= ROOMY && count.length() * size * LETTER < cell) {
            canvas.text(count, x + cell / 2.0, y + cell / 2.0, Anchor.MIDDLE, size, Ink.TEXT, false);
        }
    }
}
