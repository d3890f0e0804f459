package org.transfer4j.internal.engine;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;
import org.transfer4j.internal.trunk.Trunk;

/** One trunk on what another gives; both are closed with it. */
record ChainedTrunk(Trunk lower, Trunk upper) implements Trunk {
    @Override
    public long[] featureShape() {
        return upper.featureShape();
    }

    @Override
    public INDArray infer(INDArray images) {
        try (INDArray between = lower.infer(images)) {
            return upper.infer(between);
        }
    }

    @Override
    public Trunk forPasses(int batchSize) {
        return new ChainedTrunk(lower.forPasses(batchSize), upper.forPasses(batchSize));
    }

    @Override
    public int batchesAtOnce(int images) {
        return lower.batchesAtOnce(images);
    }

    @Override
    public void prepare(int images) {
        lower.prepare(images);
        upper.prepare(images);
    }

    @Override
    public String engine() {
        return lower.engine() + "; " + upper.engine();
    }

    @Override
    public Map<String, Algorithm> recordedAlgorithms() {
        return upper.recordedAlgorithms();
    }

    @Override
    public void close() {
        lower.close();
        upper.close();
    }
}
