package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;

/** Any of ND4J's updaters. They treat each parameter alone, so that blocks of parameters can be updated at once. */
final class UpdaterDescent implements Descent {
    private static final long BLOCK = 1 << 16;

    private final List<Block> blocks = new ArrayList<>();
    private final DenseParameters gradients;
    private final List<DenseLayerMath> layers;

    UpdaterDescent(IUpdater updater, List<DenseLayerShape> layers, DenseParameters parameters) {
        gradients = new DenseParameters(layers);
        this.layers = DenseLayerMath.all(gradients, layers.size());
        long size = parameters.all().length();
        for (long from = 0; from < size; from += BLOCK) {
            long to = Math.min(size, from + BLOCK);
            blocks.add(Block.of(updater, parameters.range(from, to), gradients.range(from, to)));
        }
    }

    @Override
    public void step(List<LayerGradient> layerGradients, int rows, int iteration, int epoch) {
        LayerGradient.addAll(layerGradients, rows, layers, 1, 0);
        Workers.run(blocks.size(), index -> blocks.get(index).step(iteration, epoch));
    }

    @Override
    public void close() {
        blocks.forEach(Block::close);
        gradients.close();
    }

    /** Some parameters with their updater's state. */
    private record Block(
            INDArray parameters,
            INDArray gradient,
            @Nullable INDArray state,
            GradientUpdater<?> updater) implements AutoCloseable {
        static Block of(IUpdater updater, INDArray parameters, INDArray gradient) {
            long stateSize = updater.stateSize(parameters.length());
            INDArray state = stateSize == 0 ? null : DenseParameters.zeros(stateSize);
            return new Block(parameters, gradient, state, updater.instantiate(state, true));
        }

        void step(int iteration, int epoch) {
            updater.applyUpdater(gradient, iteration, epoch);
            parameters.subi(gradient);
        }

        @Override
        public void close() {
            if (state != null) {
                state.close();
            }
        }
    }
}
