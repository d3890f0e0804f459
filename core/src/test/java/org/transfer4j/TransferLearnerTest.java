package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.TerminalProgress;

class TransferLearnerTest {
    @TempDir
    Path folder;

    @Test
    void realDigitsAreLearnedSavedAndLoaded() {
        DatasetSplit digits = SampleDatasets.digits().split(0.8, 42);
        TransferLearner learner = TransferLearner.of(Backbone.vgg16().upTo("block2_pool"))
                .weights(Weights.random())
                .inputSize(32, 32)
                .preprocessing(ImagePreprocessing.unit())
                .optimizer(Optimizer.sgd(0.05).decay(1e-5))
                .batchSize(128)
                .epochs(20)
                .validation(digits.test())
                .listener(new TerminalProgress());
        try (ImageClassifier classifier = learner.fit(digits.train())) {
            System.out.println(classifier.evaluate(digits.test()));
            System.out.println(classifier.history());
            classifier.save(folder.resolve("a.t4j"));
            try (ImageClassifier loaded = ImageClassifier.load(folder.resolve("a.t4j"))) {
                assertThat(loaded.predict(digits.test().limit(5)).toString())
                        .isEqualTo(classifier.predict(digits.test().limit(5)).toString());
            }
        }
    }
}
