package org.transfer4j.evaluation;

/** Prints a confusion matrix in a bounded width. */
final class ConfusionTable {
    private static final int WIDTH = 120;
    private static final int LONGEST_ROW_NAME = 24;
    private static final int LONGEST_COLUMN_NAME = 10;
    private static final String CORNER = "actual \\ predicted";

    private final ConfusionMatrix matrix;
    private final int rowNameWidth;
    private final int[] columnWidths;

    /** How many classes fit. */
    private final int shown;

    ConfusionTable(ConfusionMatrix matrix) {
        this.matrix = matrix;
        int classes = matrix.classNames().size();
        columnWidths = new int[classes];
        int longestName = CORNER.length();
        int total = LONGEST_ROW_NAME;
        int fitting = 0;
        for (int column = 0; column < classes; column++) {
            columnWidths[column] = columnWidth(column);
            total += 2 + columnWidths[column];
            if (total <= WIDTH) {
                fitting++;
                longestName = Math.max(longestName, rowName(column).length());
            }
        }
        shown = fitting;
        rowNameWidth = longestName;
    }

    String print() {
        StringBuilder table = new StringBuilder();
        table.append(CORNER).append(" ".repeat(rowNameWidth - CORNER.length()));
        for (int column = 0; column < shown; column++) {
            appendRight(table, columnName(column), columnWidths[column]);
        }
        table.append('\n');
        for (int row = 0; row < shown; row++) {
            String name = rowName(row);
            table.append(name).append(" ".repeat(rowNameWidth - name.length()));
            for (int column = 0; column < shown; column++) {
                appendRight(table, String.valueOf(matrix.count(row, column)), columnWidths[column]);
            }
            table.append('\n');
        }
        if (shown < columnWidths.length) {
            table.append("(the first ").append(shown).append(" of ");
            table.append(columnWidths.length).append(" classes)\n");
        }
        return table.toString();
    }

    private int columnWidth(int column) {
        int width = columnName(column).length();
        for (int row = 0; row < columnWidths.length; row++) {
            width = Math.max(width, String.valueOf(matrix.count(row, column)).length());
        }
        return width;
    }

    private String rowName(int index) {
        return ShortNames.cut(matrix.classNames().get(index), LONGEST_ROW_NAME);
    }

    private String columnName(int index) {
        return ShortNames.cut(matrix.classNames().get(index), LONGEST_COLUMN_NAME);
    }

    private static void appendRight(StringBuilder table, String cell, int width) {
        table.append("  ").append(" ".repeat(width - cell.length())).append(cell);
    }
}
