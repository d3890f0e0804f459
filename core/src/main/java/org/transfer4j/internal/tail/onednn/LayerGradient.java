package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.List;
import org.transfer4j.internal.thread.Workers;

/**
 * What a layer's gradient is made of: its weights' is deltaᵀ input, its biases' is the sum of delta's rows.
 *
 * @param input what the layer got, [n, inputs]
 * @param delta the loss' derivative by what the layer gave before its activation, [n, outputs]
 */
record LayerGradient(Matrix input, Matrix delta) {
    /** Inputs that one thread works on at a time at most: enough for a product at full speed. */
    private static final int LARGEST_BLOCK = 4096;

    private static final int SMALLEST_BLOCK = 256;

    /**
     * Adds all layers' gradients to something: target = old target + factor gradient.
     *
     * @param rows the n rows of each
     * @param target the layers' weights and biases, or what is shaped like them
     * @param old what is kept of it: 1, or 0 to forget what was there
     * @param oldWeights the same for weights, where old is for biases
     */
    static void addAll(
            List<LayerGradient> gradients,
            int rows,
            List<DenseLayerMath> target,
            float factor,
            float old,
            float oldWeights) {
        List<Runnable> tasks = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Matrix input = gradients.get(i).input();
            Matrix delta = gradients.get(i).delta();
            DenseLayerMath layer = target.get(i);
            int block = block(input.columns());
            for (int from = 0; from < input.columns(); from += block) {
                int start = from;
                int end = Math.min(input.columns(), from + block);
                tasks.add(() -> layer.addToWeights(input, delta, rows, factor, oldWeights, start, end));
            }
            tasks.add(() -> layer.addToBias(delta, rows, factor, old));
        }
        Workers.run(tasks.size(), index -> tasks.get(index).run());
    }

    /** Cuts the inputs so that all threads have as much to do. */
    private static int block(int inputs) {
        int rounds = inputs / (LARGEST_BLOCK * Workers.COUNT) + 1;
        int even = (inputs + rounds * Workers.COUNT - 1) / (rounds * Workers.COUNT);
        return Math.max(SMALLEST_BLOCK, even);
    }
}
