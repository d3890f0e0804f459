package org.transfer4j;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.network.Graphs;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.trunk.Trunk;

/** The frozen layers' output for a whole dataset, in one array. */
final class FeatureExtraction {
    private final TransferLearner learner;

    FeatureExtraction(TransferLearner learner) {
        this.learner = learner;
    }

    INDArray run(ImageDataset data) {
        if (data.size() == 0) {
            throw new DatasetException(null, "features need 1 image or more, got an empty dataset");
        }
        Optional<ComputationGraphConfiguration> frozen =
                NetworkPlan.frozenPart(learner.backbone(), learner.height(), learner.width(), learner.freeze());
        if (frozen.isEmpty()) {
            return preprocessed(data);
        }
        BackboneParameters parameters = BackboneParameters.of(learner);
        try (Trunk trunk = TrunkCompiler.compile(
                parameters.fill(Graphs.instantiate(frozen.get())), learner.height(), learner.width())) {
            return collect(data, trunk);
        }
    }

    private INDArray preprocessed(ImageDataset data) {
        INDArray all = Nd4j.createUninitialized(
                DataType.FLOAT, new long[] {data.size(), 3, learner.height(), learner.width()}, 'c');
        int done = 0;
        try (BatchStream images = open(data)) {
            while (images.hasNext()) {
                Batch batch = images.next();
                all.get(NDArrayIndex.interval(done, done + batch.size())).assign(batch.features());
                done += batch.size();
            }
        }
        return all;
    }

    private INDArray collect(ImageDataset data, Trunk trunk) {
        long[] one = trunk.featureShape();
        long[] shape = new long[one.length + 1];
        shape[0] = data.size();
        System.arraycopy(one, 0, shape, 1, one.length);
        INDArray all = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
        int done = 0;
        try (BatchStream images = open(data)) {
            while (images.hasNext()) {
                Batch batch = images.next();
                try (INDArray features = trunk.infer(batch.features())) {
                    all.get(NDArrayIndex.interval(done, done + batch.size())).assign(features);
                }
                done += batch.size();
            }
        }
        return all;
    }

    private BatchStream open(ImageDataset data) {
        return new DatasetSource(data)
                .open(learner.height(), learner.width(), learner.preprocessing(), Fit.FEATURE_BATCH);
    }
}
