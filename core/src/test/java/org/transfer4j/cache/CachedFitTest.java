package org.transfer4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.cache.Experiments.assertSameAsWithout;
import static org.transfer4j.cache.Experiments.computed;
import static org.transfer4j.cache.Experiments.digits;
import static org.transfer4j.cache.Experiments.learner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Precision;
import org.transfer4j.dataset.DatasetSplit;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.engine.onednn.OneDnn;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Optimizer;

class CachedFitTest {
    @TempDir
    private Path folder;

    private FeatureCache cache;

    @BeforeEach
    void nameTheCache() {
        cache = FeatureCache.in(folder.resolve("cache"));
    }

    private long computedBy(TransferLearner learner, ImageDataset data) {
        return computed(learner, cache.folder(), data);
    }

    @Test
    void theSecondFitComputesNothingAndLearnsTheSame() {
        assertThat(computedBy(learner(), digits(70))).isEqualTo(70);
        ComputedImages again = new ComputedImages();
        assertSameAsWithout(cache, learner(), digits(70));
        learner().featureCache(cache).listener(again).fit(digits(70)).close();
        assertThat(again.passes()).isZero();
    }

    @Test
    void tenHeadsShareOnePass() {
        ComputedImages computed = new ComputedImages();
        TransferLearner learner = learner().epochs(1).featureCache(cache).listener(computed);
        for (int head = 0; head < 10; head++) {
            learner.head(Head.globalAveragePooling().dense(4 + head))
                    .optimizer(
                            head % 2 == 0
                                    ? Optimizer.adam(1e-3)
                                    : Optimizer.sgd(0.1).decay(1e-3))
                    .batchSize(8 + head)
                    .fit(digits(40))
                    .close();
        }
        assertThat(computed.images()).isEqualTo(40);
        assertThat(computed.passes()).isEqualTo(1);
    }

    @Test
    void imagesThatWereAddedCostOnlyThemselves() {
        assertThat(computedBy(learner(), digits(50))).isEqualTo(50);
        assertThat(computedBy(learner(), digits(57))).isEqualTo(7);
        assertSameAsWithout(cache, learner(), digits(57));
    }

    @Test
    void orderAndLabelsPlayNoPart() {
        computedBy(learner(), digits(50));
        ImageDataset shuffled = digits(50).shuffle(1);
        assertThat(computedBy(learner(), shuffled)).isZero();
        assertSameAsWithout(cache, learner(), shuffled);
    }

    @Test
    void imagesThatAreTheSameShareARow() {
        ImageDataset twice =
                digits(20).select(IntStream.range(0, 60).map(i -> i % 20).toArray());
        assertThat(computedBy(learner(), twice)).isEqualTo(20);
        assertThat(cache.list())
                .singleElement()
                .extracting(CachedFeatures::images)
                .isEqualTo(20L);
        assertSameAsWithout(cache, learner(), twice);
    }

    @Test
    void validationImagesAreCachedTooWhicheverClassesTheyHave() {
        DatasetSplit split = digits(60).split(0.8, 1);
        int[] ones = IntStream.range(0, split.test().size())
                .filter(i -> split.test().label(i).equals("1"))
                .toArray();
        ImageDataset validation = split.test().select(ones);
        TransferLearner learner = learner().validation(validation);
        assertThat(computedBy(learner, split.train())).isEqualTo(split.train().size() + validation.size());
        assertThat(computedBy(learner, split.train())).isZero();
        try (ImageClassifier cached = learner.featureCache(cache).fit(split.train());
                ImageClassifier computed = learner.fit(split.train())) {
            assertThat(cached.history().epochs().get(1).validationLoss())
                    .isEqualTo(computed.history().epochs().get(1).validationLoss())
                    .isNotEmpty();
        }
    }

    @Test
    void aChangedPixelIsComputedAgain() {
        INDArray pixels = Nd4j.vstack(IntStream.range(0, 20)
                        .mapToObj(i -> digits(20).image(i).reshape(1, 64))
                        .toArray(INDArray[]::new))
                .reshape(20, 1, 8, 8);
        int[] labels = IntStream.range(0, 20).map(i -> i % 2).toArray();
        computedBy(learner(), ImageDataset.of(pixels, labels));
        pixels.putScalar(new int[] {7, 0, 3, 3}, 255 - pixels.getFloat(7, 0, 3, 3));
        ImageDataset changed = ImageDataset.of(pixels, labels);
        assertThat(computedBy(learner(), changed)).isEqualTo(1);
        assertSameAsWithout(cache, learner(), changed);
    }

    @Test
    void otherWeightsPreprocessingSizeOrCutAreComputedAgain() {
        computedBy(learner(), digits(20));
        assertThat(computedBy(learner().seed(7), digits(20))).as("weights").isEqualTo(20);
        assertThat(computedBy(learner().preprocessing(ImagePreprocessing.tf()), digits(20)))
                .as("preprocessing")
                .isEqualTo(20);
        assertThat(computedBy(learner().inputSize(32, 40), digits(20)))
                .as("size")
                .isEqualTo(20);
        assertThat(computedBy(learner().freezeUpTo("block1_conv2"), digits(20)))
                .as("cut")
                .isEqualTo(20);
        assertThat(computedBy(learner().head(Head.flatten()), digits(20)))
                .as("pooling")
                .isEqualTo(20);
        assertThat(cache.list()).hasSize(6);
        assertThat(computedBy(learner(), digits(20))).isZero();
    }

    @Test
    void featuresOfAnotherPrecisionAreComputedAgainWhereTheCpuHasIt() {
        boolean supported = OneDnn.supports(Precision.BFLOAT16);
        computedBy(learner(), digits(20));
        TransferLearner reduced = learner().precision(Precision.BFLOAT16);
        assertThat(computedBy(reduced, digits(20))).isEqualTo(supported ? 20 : 0);
        assertThat(cache.list()).hasSize(supported ? 2 : 1);
        assertSameAsWithout(cache, reduced, digits(20));
        assertThat(computedBy(learner(), digits(20))).isZero();
    }

    @Test
    void filesAreKnownByTheirContent() throws IOException {
        Path images = folder.resolve("images");
        ImageDataset source = digits(20);
        for (int i = 0; i < source.size(); i++) {
            Path file = images.resolve(source.label(i)).resolve("image" + i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, Pngs.of(source.image(i)));
        }
        assertThat(computedBy(learner(), ImageDataset.folder(images))).isEqualTo(20);
        List<EncodedImage> uploads = new ArrayList<>();
        ImageDataset files = ImageDataset.folder(images);
        for (int i = 0; i < files.size(); i++) {
            uploads.add(EncodedImage.of("upload " + i, files.label(i), Files.readAllBytes(Path.of(files.sourceOf(i)))));
        }
        assertThat(computedBy(learner(), ImageDataset.encoded(uploads))).isZero();
        Files.move(images.resolve("0/image0.png"), images.resolve("0/renamed.png"));
        assertThat(computedBy(learner(), ImageDataset.folder(images))).isZero();
        Files.write(images.resolve("0/renamed.png"), Pngs.of(source.image(11)));
        assertThat(computedBy(learner(), ImageDataset.folder(images))).isZero();
        Files.write(images.resolve("0/renamed.png"), Pngs.of(source.image(0).rsub(255)));
        assertThat(computedBy(learner(), ImageDataset.folder(images))).isEqualTo(1);
    }

    @Test
    void featuresComeFromTheCacheToo() {
        INDArray without = learner().features(digits(40));
        INDArray first = learner().featureCache(cache).features(digits(40));
        INDArray second = learner().featureCache(cache).features(digits(45));
        assertThat(first.shape()).containsExactly(40, 64, 16, 16);
        assertThat(first.ravel().toFloatVector()).isEqualTo(without.ravel().toFloatVector());
        assertThat(second.get(NDArrayIndex.interval(0, 40)).ravel().toFloatVector())
                .isEqualTo(without.ravel().toFloatVector());
        assertThat(cache.list())
                .singleElement()
                .extracting(CachedFeatures::images)
                .isEqualTo(45L);
    }

    @Test
    void variantsAreKeptForTheSameImagesAugmentationAndSeed() {
        Augmentation augmentation = Augmentation.digits().randomErasing(0.3);
        TransferLearner learner = learner().augmentation(augmentation).cachedVariants(2);
        assertSameAsWithout(cache, learner, digits(30));
        assertThat(computedBy(learner, digits(30))).isZero();
        assertThat(computedBy(learner.cachedVariants(3), digits(30)))
                .as("one more variant")
                .isEqualTo(30);
        assertThat(computedBy(learner, digits(34)))
                .as("images behind the others")
                .isEqualTo(2 * 4);
        assertThat(computedBy(learner(), digits(30))).as("as they are").isEqualTo(30);
        assertSameAsWithout(cache, learner.cachedVariants(3), digits(34));
    }

    @Test
    void variantsOfAnotherAugmentationSeedOrPlaceAreComputedAgain() {
        Augmentation augmentation = Augmentation.digits();
        TransferLearner learner = learner().augmentation(augmentation).cachedVariants(2);
        assertThat(computedBy(learner, digits(20))).isEqualTo(40);
        assertThat(computedBy(learner.augmentation(augmentation.rotation(11)), digits(20)))
                .as("augmentation")
                .isEqualTo(40);
        ImageDataset shifted = digits(20).select(19, 0, 1, 2);
        assertThat(computedBy(learner, shifted)).as("places").isEqualTo(8);
        assertSameAsWithout(cache, learner, shifted);
        assertSameAsWithout(cache, learner.seed(43), digits(20));
    }

    @Test
    void mixedVariantsAreKnownByBothImages() {
        TransferLearner learner = learner()
                .augmentation(Augmentation.digits().mixUp(0.4).cutMix(1))
                .cachedVariants(2);
        assertSameAsWithout(cache, learner, digits(20));
        assertThat(computedBy(learner, digits(20))).isZero();
        assertSameAsWithout(cache, learner, digits(21));
    }

    @Test
    void freshPassesLeaveTheCacheToTheValidationImages() {
        TransferLearner learner =
                learner().augmentation(Augmentation.digits()).freshPasses().validation(digits(5));
        assertThat(computedBy(learner, digits(20))).isEqualTo(5);
        assertThat(computedBy(learner, digits(20))).isZero();
        assertSameAsWithout(cache, learner, digits(20));
    }

    @Test
    void iteratorsAndUnfrozenNetworksDoWithout() {
        DataSet batch = new DataSet(Nd4j.rand(8, 1, 8, 8).muli(255), Nd4j.eye(2).repeat(0, 4));
        learner()
                .epochs(1)
                .featureCache(cache)
                .fit(new ListDataSetIterator<>(batch.asList(), 4))
                .close();
        learner().epochs(1).unfreezeAll().featureCache(cache).fit(digits(20)).close();
        assertThat(cache.list()).isEmpty();
    }
}
