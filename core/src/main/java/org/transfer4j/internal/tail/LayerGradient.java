package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;

/**
 * What a layer's gradient is made of: its weights' is deltaᵀ input, its biases' is the sum of delta's rows.
 *
 * @param input what the layer got, [n, inputs]
 * @param delta the loss' derivative by what the layer gave before its activation, [n, outputs]
 */
record LayerGradient(Matrix input, Matrix delta) {
    /** Inputs that one thread works on at a time: enough for a product at full speed. */
    private static final int BLOCK = 1024;

    /**
     * Adds all layers' gradients to something: target = old target + factor gradient.
     *
     * @param rows the n rows of each
     * @param target the layers' weights and biases, or what is shaped like them
     * @param old 1, or 0 to forget what was there
     */
    static void addAll(List<LayerGradient> gradients, int rows, List<DenseLayerMath> target, float factor, float old) {
        List<Runnable> tasks = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Matrix input = gradients.get(i).input();
            Matrix delta = gradients.get(i).delta();
            DenseLayerMath layer = target.get(i);
            for (int from = 0; from < input.columns(); from += BLOCK) {
                int start = from;
                int end = Math.min(input.columns(), from + BLOCK);
                tasks.add(() -> layer.addToWeights(input, delta, rows, factor, old, start, end));
            }
            tasks.add(() -> layer.addToBias(delta, rows, factor, old));
        }
        Workers.run(tasks.size(), index -> tasks.get(index).run());
    }
}
