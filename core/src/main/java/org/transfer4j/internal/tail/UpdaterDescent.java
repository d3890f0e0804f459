package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.internal.thread.Workers;

/** Any of ND4J's updaters. They treat each parameter alone, so that blocks of parameters can be updated at once. */
final class UpdaterDescent implements Descent {
    private static final long BLOCK = 1 << 16;

    private final List<Block> blocks = new ArrayList<>();
    private final DenseParameters gradients;
    private final List<DenseLayerMath> layers;
    private final HandedRate rate = new HandedRate();
    private final GradientClipping clipping;
    private final WeightDecay decay;

    UpdaterDescent(
            IUpdater updater,
            GradientClipping clipping,
            WeightDecay decay,
            List<DenseLayerShape> layers,
            DenseParameters parameters) {
        this.clipping = clipping;
        this.decay = decay;
        IUpdater handed = rate.handedTo(updater, 1);
        gradients = new DenseParameters(layers);
        this.layers = DenseLayerMath.all(gradients, layers.size());
        long size = parameters.all().length();
        for (long from = 0; from < size; from += BLOCK) {
            long to = Math.min(size, from + BLOCK);
            blocks.add(new Block(handed, from, parameters.range(from, to), gradients.range(from, to)));
        }
    }

    @Override
    public void step(List<LayerGradient> layerGradients, int rows, StepPoint point) {
        LayerGradient.addAll(layerGradients, rows, layers, 1, 0, 0);
        clipping.apply(List.of(gradients.all()), 1);
        decay.apply(point.rate());
        rate.set(point.rate());
        Workers.run(blocks.size(), index -> blocks.get(index).step(point));
    }

    @Override
    public List<StateBlock> state() {
        return blocks.stream().map(Block::stateBlock).toList();
    }

    @Override
    public void close() {
        blocks.forEach(Block::close);
        gradients.close();
    }

    /** Some parameters with their updater's state. */
    private static final class Block implements AutoCloseable {
        private final long from;
        private final INDArray parameters;
        private final INDArray gradient;
        private final @Nullable INDArray state;
        private final GradientUpdater<?> updater;

        Block(IUpdater updater, long from, INDArray parameters, INDArray gradient) {
            this.from = from;
            this.parameters = parameters;
            this.gradient = gradient;
            long stateSize = updater.stateSize(parameters.length());
            this.state = stateSize == 0 ? null : DenseParameters.zeros(stateSize);
            this.updater = updater.instantiate(state, true);
        }

        void step(StepPoint point) {
            updater.applyUpdater(gradient, point.iteration(), point.epoch());
            parameters.subi(gradient);
        }

        StateBlock stateBlock() {
            return StateBlock.of(from, from + parameters.length(), state);
        }

        @Override
        public void close() {
            if (state != null) {
                state.close();
            }
        }
    }
}
