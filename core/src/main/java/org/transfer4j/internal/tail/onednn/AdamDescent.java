package org.transfer4j.internal.tail.onednn;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Adam;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.training.Optimizer;

/**
 * Adam (D. Kingma and J. Ba, 2015, with epsilon outside of the bias correction as in section 2's remark and in ND4J).
 * ND4J's own takes six nanoseconds for a parameter, and many times as long where a moment gets very small; this one less
 * than one.
 */
final class AdamDescent extends GradientDescent {
    private static final int BLOCK = 4096;

    /**
     * Added and taken away again, it makes zero of what is too small for a normal float, and changes nothing that could
     * be seen beside epsilon: the moments of a weight whose gradient has become zero would get there, and processors
     * take a hundred times as long for such numbers.
     */
    private static final float TINY = 1e-30f;

    private final Adam settings;
    private final ParameterRow parameters;
    private final ParameterRow first;
    private final ParameterRow second;
    private final List<ParameterLayout.Segment> blocks;

    AdamDescent(Optimizer optimizer, Adam settings, ParameterRow parameters) {
        super(optimizer, parameters);
        this.settings = settings;
        this.parameters = parameters;
        first = new ParameterRow(parameters.layout());
        second = new ParameterRow(parameters.layout());
        blocks = parameters.segments().stream()
                .flatMap(segment -> segment.cut(BLOCK).stream())
                .toList();
    }

    @Override
    void update(StepPoint point) {
        double rate = point.rate()
                * Math.sqrt(1 - Math.pow(settings.getBeta2(), point.iteration() + 1))
                / (1 - Math.pow(settings.getBeta1(), point.iteration() + 1));
        Workers.run(blocks.size(), number -> update(blocks.get(number), rate));
    }

    private void update(ParameterLayout.Segment block, double rate) {
        long from = block.from();
        int count = (int) block.length();
        float[] gradient = new float[count];
        float[] mean = new float[count];
        float[] square = new float[count];
        float[] parameter = new float[count];
        gradients().values(from, count).read(0, gradient);
        first.values(from, count).read(0, mean);
        second.values(from, count).read(0, square);
        parameters.values(from, count).read(0, parameter);
        decay(mean, gradient, (float) settings.getBeta1());
        decaySquares(square, gradient, (float) settings.getBeta2());
        descend(parameter, mean, square, (float) (rate * block.ratePart()), (float) settings.getEpsilon());
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
    public List<UpdaterState.Block> state() {
        INDArray means = first.all().reshape(first.all().length());
        INDArray squares = second.all().reshape(second.all().length());
        return parameters.segments().stream()
                .map(segment -> new UpdaterState.Block(
                        segment.from(),
                        segment.to(),
                        List.of(
                                UpdaterState.Block.part(means, segment.from(), segment.to()),
                                UpdaterState.Block.part(squares, segment.from(), segment.to()))))
                .toList();
    }

    @Override
    public void close() {
        first.close();
        second.close();
        super.close();
    }
}
