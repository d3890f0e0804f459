package org.transfer4j.internal.probe;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Looks for the minimum of a smooth convex function by L-BFGS (D. Liu and J. Nocedal, "On the limited memory BFGS method
 * for large scale optimization", 1989), with a line search for the weak Wolfe conditions by bracketing (A. Lewis and M.
 * Overton, 2013). It says where the function is to be evaluated next and is told what it is there, so that several
 * functions of the same data can be evaluated at once.
 */
final class Descent {
    /** How many steps it remembers; SciPy's default. */
    private static final int MEMORY = 10;

    /** What it keeps for each parameter: the steps and what they changed, and where it is, came from and goes. */
    static final int BYTES_PER_PARAMETER = 2 * MEMORY * Float.BYTES + 4 * Double.BYTES;

    private static final double DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int MOST_TRIALS = 20;

    /** What rounding in float changes of a mean loss; below it no value is higher than another. */
    private static final double ROUNDING = 1e-7;

    private final double tolerance;
    private final int mostSteps;
    private final double[] origin;
    private final double[] point;
    private final double[] slope;
    private final double[] direction;
    private final Deque<Step> steps = new ArrayDeque<>();
    private double value = Double.NaN;
    private double startSlope;
    private double low;
    private double high;
    private double length;
    private int trials;
    private int taken;
    private boolean done;

    /** A step and how the gradient changed on it; in float, since it only steers. */
    private static final class Step {
        private final float[] move;
        private final float[] change;
        private double product;

        Step(int size) {
            move = new float[size];
            change = new float[size];
        }
    }

    /**
     * A search.
     *
     * @param start where it begins; copied
     * @param tolerance the largest entry of the gradient with which it ends
     * @param mostSteps with which it ends in any case
     */
    Descent(double[] start, double tolerance, int mostSteps) {
        this.tolerance = tolerance;
        this.mostSteps = mostSteps;
        origin = start.clone();
        point = start.clone();
        slope = new double[start.length];
        direction = new double[start.length];
    }

    /** Where the function is to be evaluated next, and, once it is done, the minimum; not copied. */
    double[] point() {
        return point;
    }

    boolean isDone() {
        return done;
    }

    /**
     * Tells what the function is at the point.
     *
     * @param there its value
     * @param gradient its gradient; copied
     */
    void evaluated(double there, double[] gradient) {
        if (Double.isNaN(value)) {
            accept(there, gradient);
            return;
        }
        double slopeThere = dot(gradient, direction);
        trials++;
        boolean tooFar = !(there <= value + DECREASE * length * startSlope + ROUNDING * Math.max(1, Math.abs(value)));
        if (!tooFar && slopeThere >= CURVATURE * startSlope) {
            remember(gradient);
            accept(there, gradient);
        } else if (trials == MOST_TRIALS) {
            // as near as float comes
            System.arraycopy(origin, 0, point, 0, point.length);
            done = true;
        } else {
            if (tooFar) {
                high = length;
                length = low == 0 ? shorter(there) : (low + high) / 2;
            } else {
                low = length;
                length = Double.isInfinite(high) ? 2 * length : (low + high) / 2;
            }
            go();
        }
    }

    /** Where the parabola through value and slope at the start and the value there is lowest, not too near to either end. */
    private double shorter(double there) {
        double bend = there - value - startSlope * length;
        double lowest = -startSlope * length * length / (2 * bend);
        return Double.isFinite(there) && bend > 0
                ? Math.min(Math.max(lowest, 0.1 * length), 0.9 * length)
                : 0.1 * length;
    }

    private void remember(double[] gradient) {
        Step step = new Step(origin.length);
        for (int i = 0; i < origin.length; i++) {
            step.move[i] = (float) (point[i] - origin[i]);
            step.change[i] = (float) (gradient[i] - slope[i]);
            step.product += (double) step.move[i] * step.change[i];
        }
        if (step.product > 0) {
            if (steps.size() == MEMORY) {
                steps.removeLast();
            }
            steps.addFirst(step);
        }
    }

    private void accept(double there, double[] gradient) {
        boolean first = Double.isNaN(value);
        taken += first ? 0 : 1;
        value = there;
        System.arraycopy(point, 0, origin, 0, point.length);
        System.arraycopy(gradient, 0, slope, 0, slope.length);
        double largest = 0;
        for (double entry : gradient) {
            largest = Math.max(largest, Math.abs(entry));
        }
        if (!(largest > tolerance) || taken == mostSteps) {
            done = true;
            return;
        }
        turn();
        startSlope = dot(slope, direction);
        if (!(startSlope < 0)) {
            done = true;
            return;
        }
        low = 0;
        high = Double.POSITIVE_INFINITY;
        length = steps.isEmpty() ? 1 / Math.sqrt(-startSlope) : 1;
        trials = 0;
        go();
    }

    /** Makes the direction the negative gradient, times the inverse of the curvature as far as the steps tell it. */
    private void turn() {
        for (int i = 0; i < direction.length; i++) {
            direction[i] = -slope[i];
        }
        double[] parts = new double[steps.size()];
        int index = 0;
        for (Step step : steps) {
            parts[index] = dot(step.move, direction) / step.product;
            add(-parts[index], step.change, direction);
            index++;
        }
        if (!steps.isEmpty()) {
            Step last = steps.getFirst();
            double scale = last.product / dot(last.change, last.change);
            for (int i = 0; i < direction.length; i++) {
                direction[i] *= scale;
            }
        }
        for (Iterator<Step> oldestFirst = steps.descendingIterator(); oldestFirst.hasNext(); ) {
            Step step = oldestFirst.next();
            index--;
            add(parts[index] - dot(step.change, direction) / step.product, step.move, direction);
        }
    }

    private void go() {
        for (int i = 0; i < point.length; i++) {
            point[i] = origin[i] + length * direction[i];
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** In four sums, which the processor adds up side by side. */
    private static double dot(float[] a, double[] b) {
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        int i = 0;
        for (; i + 3 < a.length; i += 4) {
            first += a[i] * b[i];
            second += a[i + 1] * b[i + 1];
            third += a[i + 2] * b[i + 2];
            fourth += a[i + 3] * b[i + 3];
        }
        for (; i < a.length; i++) {
            first += a[i] * b[i];
        }
        return first + second + (third + fourth);
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    private static void add(double factor, float[] values, double[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }
}
