package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Pictures;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Phase;

/** Whether the disk has room for all features is asked before the first image is computed. */
class FitSpaceTest {
    /** 64 MiB of features an image at block1_conv1. */
    private static TransferLearner wide(String last) {
        return TransferLearner.of(Backbone.vgg16().upTo(last))
                .weights(Weights.random())
                .inputSize(512, 512);
    }

    private static int moreThanTheDiskTakes() throws IOException {
        long left = Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir")))
                .getUsableSpace();
        return Math.toIntExact(left >> 26) + 100;
    }

    private static ImageDataset repeated(int images) {
        return Pictures.dataset(2)
                .select(IntStream.range(0, images).map(i -> i % 2).toArray());
    }

    @Test
    void roomForBothPassesIsAskedForBeforeTheFirst() throws IOException {
        int tooMany = moreThanTheDiskTakes();
        RecordingListener recording = new RecordingListener();

        assertThatThrownBy(() -> wide("block1_conv1")
                        .validation(repeated(tooMany))
                        .listener(recording)
                        .fit(Pictures.dataset(2)))
                .isInstanceOf(UncheckedIOException.class)
                .rootCause()
                .hasMessageStartingWith("the features need " + ((tooMany + 2L) << 26) + " bytes (" + (2L << 26)
                        + " for training, " + ((long) tooMany << 26) + " for validation), the temporary folder "
                        + System.getProperty("java.io.tmpdir") + " has ");
        assertThat(recording.events).noneMatch(event -> event.startsWith("features"));
    }

    @Test
    void roomForALaterPhaseIsAskedForBeforeTheFirst() throws IOException {
        int tooMany = moreThanTheDiskTakes();
        RecordingListener recording = new RecordingListener();

        assertThatThrownBy(() -> wide("block1_conv2")
                        .head(Head.globalAveragePooling())
                        .fineTune(Phase.head(), Phase.from("block1_conv2"))
                        .listener(recording)
                        .fit(repeated(tooMany)))
                .isInstanceOf(UncheckedIOException.class)
                .rootCause()
                .hasMessageStartingWith("the features of phase 2 need " + ((long) tooMany << 26) + " bytes, ");
        assertThat(recording.events).noneMatch(event -> event.startsWith("features"));
    }

    @Test
    void theCacheHasRoomForBothPassesBeforeTheFirst(@TempDir Path folder) throws IOException {
        int tooMany = moreThanTheDiskTakes();
        INDArray different = Nd4j.zeros(tooMany, 1, 1, 3);
        for (int i = 0; i < tooMany; i++) {
            different.putScalar(new int[] {i, 0, 0, 0}, i >> 8 & 255);
            different.putScalar(new int[] {i, 0, 0, 1}, i & 255);
            different.putScalar(new int[] {i, 0, 0, 2}, i >> 16);
        }
        ImageDataset held = ImageDataset.of(
                different,
                IntStream.range(0, tooMany)
                        .mapToObj(i -> i % 2 == 0 ? "blue" : "red")
                        .toList());
        RecordingListener recording = new RecordingListener();

        assertThatThrownBy(() -> wide("block1_conv1")
                        .featureCache(FeatureCache.in(folder))
                        .validation(held)
                        .listener(recording)
                        .fit(Pictures.dataset(2)))
                .isInstanceOf(UncheckedIOException.class)
                .rootCause()
                .hasMessageStartingWith("the features that are not there yet need ")
                .hasMessageContaining(" for validation), the feature cache " + folder + " has ");
        assertThat(recording.events).noneMatch(event -> event.startsWith("features"));
    }

    /** However many they are: what looks alike is kept once. */
    @Test
    void repeatedImagesNeedRoomInTheCacheOnce(@TempDir Path folder) throws IOException {
        ImageDataset few = Pictures.dataset(2);
        AtomicReference<String> started = new AtomicReference<>();
        FitListener stopping = new FitListener() {
            @Override
            public void featuresStarted(long images) {
                started.set(images + " images");
                throw new IllegalStateException("enough seen");
            }
        };

        assertThatThrownBy(() -> wide("block1_conv1")
                        .featureCache(FeatureCache.in(folder))
                        .validation(repeated(moreThanTheDiskTakes()))
                        .listener(stopping)
                        .fit(few))
                .hasMessage("enough seen");
        assertThat(started).hasValue("2 images");
    }
}
