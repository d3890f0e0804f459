package org.transfer4j.internal.tail.onednn;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.transfer4j.internal.tail.HandedRate;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.thread.Workers;
import org.transfer4j.training.Optimizer;

/**
 * Any updater. ND4J's and ours treat each parameter alone, so that blocks of parameters can be updated at once; others may
 * not, and see as many at once as in DL4J.
 */
final class UpdaterDescent extends GradientDescent {
    private static final long BLOCK = 1 << 16;

    private final List<Block> blocks = new ArrayList<>();
    private final HandedRate rate = new HandedRate();

    UpdaterDescent(Optimizer optimizer, ParameterRow parameters) {
        super(optimizer, parameters);
        Map<Double, IUpdater> updaters = new HashMap<>();
        for (ParameterLayout.Segment segment : parameters.segments()) {
            IUpdater handed =
                    updaters.computeIfAbsent(segment.ratePart(), part -> rate.handedTo(optimizer.updater(), part));
            segment.cut(isKnown(handed) ? BLOCK : segment.length())
                    .forEach(part -> blocks.add(new Block(
                            handed,
                            part,
                            parameters.range(part.from(), part.to()),
                            gradients().range(part.from(), part.to()))));
        }
    }

    private static boolean isKnown(IUpdater updater) {
        String owner = updater.getClass().getPackageName();
        return owner.equals(Sgd.class.getPackageName()) || owner.equals(Optimizer.class.getPackageName());
    }

    @Override
    void update(StepPoint point) {
        rate.set(point.rate());
        Workers.run(blocks.size(), index -> blocks.get(index).step(point));
    }

    @Override
    public List<UpdaterState.Block> state() {
        return blocks.stream().map(Block::stateBlock).toList();
    }

    @Override
    public void close() {
        blocks.forEach(Block::close);
        super.close();
    }

    /** Some parameters with their updater's state. */
    private static final class Block implements AutoCloseable {
        private final ParameterLayout.Segment segment;
        private final INDArray parameters;
        private final INDArray gradient;
        private final @Nullable INDArray state;
        private final GradientUpdater<?> updater;

        Block(IUpdater updater, ParameterLayout.Segment segment, INDArray parameters, INDArray gradient) {
            this.segment = segment;
            this.parameters = parameters;
            this.gradient = gradient;
            long stateSize = updater.stateSize(parameters.length());
            this.state = stateSize == 0 ? null : ParameterRow.zeros(stateSize);
            this.updater = updater.instantiate(state, true);
        }

        void step(StepPoint point) {
            regularize(Regularization.ApplyStep.BEFORE_UPDATER, point);
            updater.applyUpdater(gradient, point.iteration(), point.epoch());
            regularize(Regularization.ApplyStep.POST_UPDATER, point);
            parameters.subi(gradient);
        }

        private void regularize(Regularization.ApplyStep moment, StepPoint point) {
            for (Regularization regularization : segment.regularization()) {
                if (regularization.applyStep() == moment) {
                    regularization.apply(
                            parameters, gradient, point.rate() * segment.ratePart(), point.iteration(), point.epoch());
                }
            }
        }

        UpdaterState.Block stateBlock() {
            return UpdaterState.Block.of(segment.from(), segment.to(), state);
        }

        @Override
        public void close() {
            if (state != null) {
                state.close();
            }
        }
    }
}
