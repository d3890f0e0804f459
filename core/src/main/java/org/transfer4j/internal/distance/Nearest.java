package org.transfer4j.internal.distance;

/** The nearest of those that were offered so far, the nearest first, of equally near ones that which was offered first. */
public final class Nearest {
    private final int[] rows;
    private final double[] distances;
    private int count;

    /** None so far, and of those to come so many at most. */
    public Nearest(int most) {
        rows = new int[most];
        distances = new double[most];
    }

    /** One more; what is no number is not taken. */
    public void offer(int row, double distance) {
        if (!(distance < farthest())) {
            return;
        }
        int place = count < rows.length ? count++ : count - 1;
        for (; place > 0 && distance < distances[place - 1]; place--) {
            distances[place] = distances[place - 1];
            rows[place] = rows[place - 1];
        }
        distances[place] = distance;
        rows[place] = row;
    }

    /** What must be nearer than this to be taken: infinite while there is room. */
    private double farthest() {
        if (count < rows.length) {
            return Double.POSITIVE_INFINITY;
        }
        return count == 0 ? Double.NEGATIVE_INFINITY : distances[count - 1];
    }

    /** All that another has. */
    public void offer(Nearest other) {
        for (int i = 0; i < other.count; i++) {
            offer(other.rows[i], other.distances[i]);
        }
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** One of them, from 0, the nearest. */
    public int row(int place) {
        return rows[place];
    }

    /** Its distance. */
    public double distance(int place) {
        return distances[place];
    }
}
