package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.error.DatasetException;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** One wrong value is refused where it is given, two that contradict each other at fit, before any work. */
class TransferLearnerRefusalTest {
    private final TransferLearner learner =
            TransferLearner.of(TinyBackbones.plain()).weights(Weights.random());

    @Test
    void anInputUnderTheMinimumNamesRuleAndValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.vgg16().inputSize(32, 31))
                .withMessage("vgg16 takes images from 32x32, got inputSize(32, 31)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.vgg16().inputSize(31, 32));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.inputSize(-8, 8))
                .withMessageContaining("plain takes images from 8x8")
                .withMessageContaining("-8");
    }

    @Test
    void anUnknownLayerListsTheNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.vgg16().freezeUpTo("block6_pool"))
                .withMessageContaining("vgg16 has no layer named \"block6_pool\"")
                .withMessageContaining("block1_conv1, block1_conv2, block1_pool")
                .withMessageContaining("block5_pool");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.freezeUpTo("input"))
                .withMessageContaining("[conv1, pool1, conv2, pool2]");
    }

    @Test
    void aBackboneMayNotBeEndedAtALayerThatItHasNot() {
        Backbone wrong = TinyBackbones.plain().upTo("pool9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.of(wrong))
                .withMessage("plain has no layer named \"pool9\"; its layers are [conv1, pool1, conv2, pool2]");
    }

    @Test
    void aCutInsideAResidualBlockIsRefusedWithTheLayersThatCanBeCutAt() {
        TransferLearner residual = TransferLearner.of(TinyBackbones.residual());
        for (String inside : List.of("block_conv", "block_bn")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> residual.freezeUpTo(inside))
                    .withMessageContaining(inside + " of residual has a connection around it")
                    .withMessageEndingWith("[stem, stem_bn, block_add, block_relu, pool]");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void countsBelowOneAreRefused(int count) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.epochs(count))
                .withMessage("epochs must be 1 or more, got " + count);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.batchSize(count))
                .withMessage("batchSize must be 1 or more, got " + count);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.head(count))
                .withMessage("a head needs 2 classes or more, got " + count);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
    void aSplitIsWithin0And1(double fraction) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.validationSplit(fraction))
                .withMessage("validationSplit must be between 0 and 1, got " + fraction);
    }

    @Test
    void theHeadMustHaveAsManyClassesAsTheData() {
        ImageDataset nine = nineDigits();
        assertThat(nine.classNames()).hasSize(9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.head(10).fit(nine))
                .withMessage("the head has 10 classes, the data has 9: [0, 1, 2, 3, 4, 5, 6, 7, 8]");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        learner.head(Head.globalAveragePooling().classes(3)).fit(Pictures.dataset(4)))
                .withMessageContaining("the head has 3 classes, the data has 2: [blue, red]");
    }

    private static ImageDataset nineDigits() {
        ImageDataset digits = SampleDatasets.digits().limit(9);
        return ImageDataset.of(
                Nd4j.zeros(9, 1, 8, 8),
                IntStream.range(0, 9).mapToObj(digits::label).toList());
    }

    @Test
    void aSingleClassIsRefused(@TempDir Path folder) throws Exception {
        Files.createDirectory(folder.resolve("red"));
        Files.write(folder.resolve("red/one.png"), Pictures.png(0));
        Files.write(folder.resolve("red/two.png"), Pictures.png(2));
        assertThatThrownBy(() -> learner.fit(ImageDataset.folder(folder)))
                .isInstanceOf(DatasetException.class)
                .hasMessage("a classifier needs images of 2 classes or more, the data has [red]");
    }

    @Test
    void validationImagesOfAnotherClassAreRefused() {
        ImageDataset green = ImageDataset.of(Nd4j.zeros(2, 3, 8, 8), List.of("red", "green"));
        assertThatThrownBy(() -> learner.validation(green).fit(Pictures.dataset(4)))
                .isInstanceOf(DatasetException.class)
                .hasMessage("validation data may only have classes that were learned, [blue, red]; unknown: [green]");
    }

    @Test
    void aSplitWithoutTwoImagesOfAClassIsRefused() {
        assertThatThrownBy(() -> learner.validationSplit(0.5).fit(Pictures.dataset(2)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContaining("no class has two images");
    }

    @Test
    void aSplitNeedsADatasetOfOurs() {
        DataSet data = new DataSet(Pictures.arrays(2), Nd4j.eye(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.validationSplit(0.5).fit(new ListDataSetIterator<>(List.of(data))))
                .withMessageContaining("validationSplit needs an ImageDataset");
    }

    @Test
    void aBackboneWithoutPretrainedWeightsSaysSo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.of(TinyBackbones.plain()).fit(Pictures.dataset(4)))
                .withMessageContaining("no pretrained weights");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.of(TinyBackbones.plain()).features(Pictures.dataset(4)))
                .withMessageContaining("no pretrained weights");
    }

    @Test
    void aBackboneHasOneInputAndOneOutput() {
        Backbone two = Backbone.builder(
                        "two",
                        (height, width) -> new NeuralNetConfiguration.Builder()
                                .graphBuilder()
                                .addInputs("input")
                                .setInputTypes(InputType.convolutional(height, width, 3))
                                .addLayer("a", new ActivationLayer(Activation.RELU), "input")
                                .addLayer("b", new ActivationLayer(Activation.RELU), "input")
                                .setOutputs("a", "b")
                                .validateOutputLayerConfig(false)
                                .build())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TransferLearner.of(two))
                .withMessageContaining(
                        "two can't take images of 224x224: a network has one input and one output, got [input] and [a, b]");
    }
}
