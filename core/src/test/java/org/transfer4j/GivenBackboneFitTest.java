package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.training.Optimizer;

/** Backbones of others' making all the way: fit with and without frozen layers, save, load, predict. */
class GivenBackboneFitTest {
    @TempDir
    Path folder;

    private static Backbone keras(String name) {
        return Backbone.keras(GoldenFiles.path("keras_models/" + name));
    }

    private static Backbone dl4j() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .activation(Activation.RELU)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).build())
                .layer(new SubsamplingLayer.Builder()
                        .kernelSize(2, 2)
                        .stride(2, 2)
                        .build())
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(8).build())
                .layer(new BatchNormalization())
                .layer(new OutputLayer.Builder()
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(16, 16, 3))
                .build());
        network.init();
        return Backbone.of(network);
    }

    static Stream<TransferLearner> learners() {
        return Stream.of(
                TransferLearner.of(keras("plain.keras")),
                TransferLearner.of(keras("mobile.keras")).freezeUpTo("project"),
                TransferLearner.of(keras("excite.keras")).freezeUpTo("stem_activation"),
                TransferLearner.of(keras("dense.keras").upTo("concat"))
                        .preprocessing(ImagePreprocessing.unit())
                        .inputSize(16, 16)
                        .unfreezeAll(),
                TransferLearner.of(keras("nested_keras2.h5")).freezeUpTo("stem_bn"),
                TransferLearner.of(dl4j())
                        .preprocessing(ImagePreprocessing.unit())
                        .freezeUpTo("layer1"));
    }

    @ParameterizedTest
    @MethodSource("learners")
    void learnsSavesAndPredicts(TransferLearner learner) {
        DatasetSplit digits = SampleDatasets.digits().limit(60).split(0.8, 1);
        Path file = folder.resolve("model.t4j");
        TransferLearner set = learner.inputSize(
                        Math.min(learner.settings().network().height(), 24),
                        Math.min(learner.settings().network().width(), 24))
                .head(Head.globalAveragePooling())
                .optimizer(Optimizer.adam(0.01))
                .epochs(3);
        try (ImageClassifier classifier = set.fit(digits.train())) {
            double first = classifier.history().epochs().get(0).loss();
            double last = classifier.history().last().orElseThrow().loss();
            assertThat(last).isLessThan(first);
            classifier.save(file);
            try (ImageClassifier loaded = ImageClassifier.load(file)) {
                assertThat(loaded.predict(digits.test()).toString())
                        .isEqualTo(classifier.predict(digits.test()).toString());
            }
        }
    }
}
