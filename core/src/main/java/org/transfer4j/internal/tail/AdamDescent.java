package org.transfer4j.internal.tail;

import java.util.List;
import org.nd4j.linalg.learning.config.Adam;
import org.transfer4j.internal.thread.Workers;

/**
 * Adam (D. Kingma and J. Ba, 2015, with epsilon outside of the bias correction as in section 2's remark and in ND4J).
 * ND4J's own takes six nanoseconds for a parameter, and many times as long where a moment gets very small; this one less
 * than one.
 */
final class AdamDescent implements Descent {
    private static final int BLOCK = 4096;

    /**
     * Added and taken away again, it makes zero of what is too small for a normal float, and changes nothing that could
     * be seen beside epsilon: the moments of a weight whose gradient has become zero would get there, and processors
     * take a hundred times as long for such numbers.
     */
    private static final float TINY = 1e-30f;

    private final Adam settings;
    private final GradientClipping clipping;
    private final WeightDecay decay;
    private final DenseParameters parameters;
    private final DenseParameters gradients;
    private final DenseParameters first;
    private final DenseParameters second;
    private final List<DenseLayerMath> layers;

    AdamDescent(
            Adam settings,
            GradientClipping clipping,
            WeightDecay decay,
            List<DenseLayerShape> shapes,
            DenseParameters parameters) {
        this.settings = settings;
        this.clipping = clipping;
        this.decay = decay;
        this.parameters = parameters;
        gradients = new DenseParameters(shapes);
        first = new DenseParameters(shapes);
        second = new DenseParameters(shapes);
        layers = DenseLayerMath.all(gradients, shapes.size());
    }

    @Override
    public void step(List<LayerGradient> layerGradients, int rows, StepPoint point) {
        LayerGradient.addAll(layerGradients, rows, layers, 1, 0, 0);
        clipping.apply(List.of(gradients.all()), 1);
        decay.apply(point.rate());
        double rate = point.rate()
                * Math.sqrt(1 - Math.pow(settings.getBeta2(), point.iteration() + 1))
                / (1 - Math.pow(settings.getBeta1(), point.iteration() + 1));
        long size = parameters.all().length();
        int blocks = Math.toIntExact((size + BLOCK - 1) / BLOCK);
        Workers.run(blocks, block -> {
            long from = (long) block * BLOCK;
            update(from, (int) Math.min(BLOCK, size - from), (float) rate);
        });
    }

    private void update(long from, int count, float rate) {
        float[] gradient = new float[count];
        float[] mean = new float[count];
        float[] square = new float[count];
        float[] parameter = new float[count];
        gradients.values(from, count).read(0, gradient);
        first.values(from, count).read(0, mean);
        second.values(from, count).read(0, square);
        parameters.values(from, count).read(0, parameter);
        decay(mean, gradient, (float) settings.getBeta1());
        decaySquares(square, gradient, (float) settings.getBeta2());
        descend(parameter, mean, square, rate, (float) settings.getEpsilon());
        first.values(from, count).write(0, mean);
        second.values(from, count).write(0, square);
        parameters.values(from, count).write(0, parameter);
    }

    // one array written in each loop: that is what the JVM turns into vector instructions

    private static void decay(float[] mean, float[] gradient, float beta) {
        float rest = 1 - beta;
        for (int i = 0; i < mean.length; i++) {
            mean[i] = mean[i] * beta + gradient[i] * rest + TINY - TINY;
        }
    }

    private static void decaySquares(float[] square, float[] gradient, float beta) {
        float rest = 1 - beta;
        for (int i = 0; i < square.length; i++) {
            square[i] = square[i] * beta + gradient[i] * gradient[i] * rest + TINY - TINY;
        }
    }

    private static void descend(float[] parameter, float[] mean, float[] square, float rate, float epsilon) {
        for (int i = 0; i < parameter.length; i++) {
            parameter[i] -= mean[i] * rate / ((float) Math.sqrt(square[i]) + epsilon);
        }
    }

    @Override
    public List<StateBlock> state() {
        long size = parameters.all().length();
        return List.of(new StateBlock(
                0, size, List.of(first.all().reshape(size), second.all().reshape(size))));
    }

    @Override
    public void close() {
        gradients.close();
        first.close();
        second.close();
    }
}
