package org.transfer4j.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;

/** Small fits on real digits, with a cache and without. */
final class Experiments {
    private Experiments() {}

    /** 64 features an image, two epochs. */
    static TransferLearner learner() {
        return TransferLearner.of(Backbone.vgg16().upTo("block1_pool"))
                .weights(Weights.random())
                .inputSize(32, 32)
                .preprocessing(ImagePreprocessing.unit())
                .head(Head.globalAveragePooling())
                .optimizer(Optimizer.sgd(0.1))
                .batchSize(16)
                .epochs(2);
    }

    static ImageDataset digits(int count) {
        return SampleDatasets.digits().limit(count);
    }

    /** How many images a fit computes the features of. */
    static long computed(TransferLearner learner, Path folder, ImageDataset data) {
        ComputedImages computed = new ComputedImages();
        learner.featureCache(FeatureCache.in(folder))
                .listener(computed)
                .fit(data)
                .close();
        return computed.images();
    }

    /** The weights of a fitted network, all of them. */
    static INDArray weights(TransferLearner learner, @Nullable FeatureCache cache, ImageDataset data) {
        TransferLearner either = cache == null ? learner : learner.featureCache(cache);
        try (ImageClassifier classifier = either.fit(data)) {
            return classifier.toComputationGraph().params().dup();
        }
    }

    /** The fit with the cache gives what the fit without one gives, to the last bit. */
    static void assertSameAsWithout(FeatureCache cache, TransferLearner learner, ImageDataset data) {
        assertThat(weights(learner, cache, data).toFloatVector())
                .isEqualTo(weights(learner, null, data).toFloatVector());
    }
}
