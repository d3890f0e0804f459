package org.transfer4j.evaluation;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.transfer4j.internal.chart.Chart;
import org.transfer4j.internal.chart.Png;
import org.transfer4j.internal.file.ReplacedFile;
import org.transfer4j.internal.text.TextTable;

/** How often each class was taken for each other one: rows are actual classes, columns are predicted ones. Immutable. */
public final class ConfusionMatrix {
    private static final int WIDTH = 120;
    private static final int LONGEST_ROW_NAME = 24;
    private static final int LONGEST_COLUMN_NAME = 10;
    private static final String CORNER = "actual \\ predicted";

    private final List<String> classNames;
    private final long[][] counts;

    /** Of counts that nobody changes: they are not copied. */
    ConfusionMatrix(List<String> classNames, long[][] counts) {
        this.classNames = List.copyOf(classNames);
        this.counts = counts;
    }

    /**
     * Names of the classes, in the order of rows and columns.
     *
     * @return an unmodifiable list
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * Number of images of one class that were predicted to be of another, or of the same.
     *
     * @param actual index of the actual class, from 0
     * @param predicted index of the predicted class, from 0
     * @return at least 0
     * @throws IllegalArgumentException if there is no such class
     */
    public long count(int actual, int predicted) {
        return counts[requireIndex(actual)][requireIndex(predicted)];
    }

    /**
     * Number of images of one class that were predicted to be of another, or of the same.
     *
     * @param actual name of the actual class
     * @param predicted name of the predicted class
     * @return at least 0
     * @throws IllegalArgumentException if there is no such class
     */
    public long count(String actual, String predicted) {
        return counts[indexOf(actual)][indexOf(predicted)];
    }

    /**
     * Number of images of a class: the sum of its row.
     *
     * @param actual index of the class, from 0
     * @return at least 0
     * @throws IllegalArgumentException if there is no such class
     */
    public long actualCount(int actual) {
        return Arrays.stream(counts[requireIndex(actual)]).sum();
    }

    /**
     * Number of images predicted to be of a class: the sum of its column.
     *
     * @param predicted index of the class, from 0
     * @return at least 0
     * @throws IllegalArgumentException if there is no such class
     */
    public long predictedCount(int predicted) {
        requireIndex(predicted);
        return Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
    }

    /**
     * The pairs of classes that were confused most often, the most frequent first.
     *
     * @param most how many, 0 or more
     * @return as many, or all that were confused at all where there are fewer; of equal counts first that of the lower
     *     actual, then of the lower predicted class
     * @throws IllegalArgumentException if the number is negative
     */
    public List<ConfusedPair> mostConfused(int most) {
        List<ConfusedPair> pairs = new ArrayList<>();
        for (int actual = 0; actual < counts.length; actual++) {
            long all = actualCount(actual);
            for (int predicted = 0; predicted < counts.length; predicted++) {
                long count = counts[actual][predicted];
                if (actual != predicted && count > 0) {
                    pairs.add(new ConfusedPair(
                            classNames.get(actual), classNames.get(predicted), count, (double) count / all));
                }
            }
        }
        return pairs.stream()
                .sorted(Comparator.comparingLong(ConfusedPair::count).reversed())
                .limit(Report.requireCount(most))
                .toList();
    }

    /**
     * Draws the matrix: the darker a cell, the larger the part of its actual class. Needs no screen.
     *
     * @param png the file, replaced whole or not at all; its folder must exist
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public void plot(Path png) {
        ReplacedFile.writeBytes(png, "picture", () -> Png.of(List.of(picture())));
    }

    /** The picture as an element of a page. */
    String toSvg() {
        return picture().svg("confusion matrix");
    }

    private Picture picture() {
        return new Picture(classNames, counts);
    }

    private int requireIndex(int index) {
        return requireIndex(index, counts.length);
    }

    static int requireIndex(int index, int classes) {
        if (index < 0 || index >= classes) {
            throw new IllegalArgumentException(
                    "A class index must be from 0 to " + (classes - 1) + ", but is " + index);
        }
        return index;
    }

    private int indexOf(String name) {
        int index = classNames.indexOf(Normalizer.normalize(name, Normalizer.Form.NFC));
        if (index < 0) {
            throw new IllegalArgumentException("There is no class \"" + name + "\"; the classes are " + shownNames());
        }
        return index;
    }

    private String shownNames() {
        int shown = Math.min(20, classNames.size());
        return classNames.subList(0, shown) + (shown < classNames.size() ? " and more" : "");
    }

    /**
     * Compares names and counts.
     *
     * @param other what to compare with
     * @return whether it is a confusion matrix with the same names and counts
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof ConfusionMatrix that
                && classNames.equals(that.classNames)
                && Arrays.deepEquals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * classNames.hashCode() + Arrays.deepHashCode(counts);
    }

    /**
     * A table with the names of the classes, at most 120 characters wide: long names are cut, and of more classes than
     * fit the first ones are shown.
     *
     * @return several lines, the last one with a line end
     */
    @Override
    public String toString() {
        StringBuilder columns = new StringBuilder();
        int rowNames = CORNER.length();
        int width = LONGEST_ROW_NAME;
        int shown = 0;
        while (shown < counts.length) {
            int column = columnWidth(shown);
            width += 2 + column;
            if (width > WIDTH) {
                break;
            }
            columns.append("  %").append(column).append('s');
            rowNames = Math.max(rowNames, name(shown, LONGEST_ROW_NAME).length());
            shown++;
        }
        TextTable table = new TextTable("%-" + rowNames + "s" + columns);
        List<Object> cells = new ArrayList<>(List.of(CORNER));
        for (int column = 0; column < shown; column++) {
            cells.add(name(column, LONGEST_COLUMN_NAME));
        }
        table.row(cells.toArray());
        for (int row = 0; row < shown; row++) {
            cells = new ArrayList<>(List.of(name(row, LONGEST_ROW_NAME)));
            for (int column = 0; column < shown; column++) {
                cells.add(counts[row][column]);
            }
            table.row(cells.toArray());
        }
        return shown == counts.length
                ? table.toString()
                : table.line("(the first " + shown + " of " + counts.length + " classes)")
                        .toString();
    }

    private int columnWidth(int column) {
        int width = name(column, LONGEST_COLUMN_NAME).length();
        for (long[] row : counts) {
            width = Math.max(width, String.valueOf(row[column]).length());
        }
        return width;
    }

    private String name(int index, int longest) {
        return TextTable.cut(classNames.get(index), longest);
    }

    /**
     * Counts of pairs as a square: the darker a cell, the larger its part of its row. Few names are written beside it, and
     * the counts in it; of many, a cell tells its own when it is pointed at.
     */
    private static final class Picture extends Chart {
        private static final int SIDE = 720;
        private static final int SMALLEST = 4;
        private static final int LARGEST = 56;
        private static final int READABLE = 11;
        private static final int ROOMY = 24;
        private static final int LONGEST_NAME = 18;
        private static final String HEADING = "How often each class was taken for each other";
        private static final int TITLE = 15;
        private static final double LETTER = 0.62;

        private final List<String> wholeNames;
        private final List<String> names;
        private final long[][] counts;
        private final int cell;
        private final double size;
        private final int margin;

        Picture(List<String> names, long[][] counts) {
            wholeNames = names;
            this.names = names.stream()
                    .map(name -> TextTable.cut(name, LONGEST_NAME))
                    .toList();
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
        protected int width() {
            int ofTitle = (int) (HEADING.length() * TITLE * LETTER);
            return Math.max(margin + cell * counts.length, ofTitle) + 20;
        }

        @Override
        protected int height() {
            return 30 + margin + cell * counts.length + 10;
        }

        @Override
        protected void draw(Canvas canvas) {
            int top = 30 + margin;
            canvas.text(HEADING, width() / 2.0, 16, Anchor.MIDDLE, TITLE, Ink.TEXT, false);
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
}
