package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
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
    /** 16 MiB of features an image at block1_conv1. */
    private static TransferLearner wide(String last) {
        return TransferLearner.of(Backbone.vgg16().upTo(last))
                .weights(Weights.random())
                .inputSize(256, 256);
    }

    /** Also if other processes give back as much as is free now before the fit asks. */
    private static int moreThanTheDiskTakes() throws IOException {
        long left = Files.getFileStore(Path.of(System.getProperty("java.io.tmpdir")))
                .getUsableSpace();
        assumeThat(left).as("a disk that a list of images can fill").isLessThan(1L << 50);
        return Math.toIntExact(2 * (left >> 24)) + 100;
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
                .hasMessageStartingWith("the features need " + ((tooMany + 2L) << 24) + " bytes (" + (2L << 24)
                        + " for training, " + ((long) tooMany << 24) + " for validation), the temporary folder "
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
                .hasMessageStartingWith("the features of phase 2 need " + ((long) tooMany << 24) + " bytes, ");
        assertThat(recording.events).noneMatch(event -> event.startsWith("features"));
    }

    /** A disk with room for the features of ten images. */
    private static FileSystem smallDisk() {
        return Jimfs.newFileSystem(
                Configuration.unix().toBuilder().setMaxSize(10L << 24).build());
    }

    @Test
    void theCacheHasRoomForBothPassesBeforeTheFirst() throws IOException {
        int tooMany = 11;
        INDArray different = Nd4j.arange(3 * tooMany).reshape(tooMany, 1, 1, 3);
        ImageDataset held = ImageDataset.of(
                different,
                IntStream.range(0, tooMany)
                        .mapToObj(i -> i % 2 == 0 ? "blue" : "red")
                        .toList());
        RecordingListener recording = new RecordingListener();

        try (FileSystem disk = smallDisk()) {
            Path folder = disk.getPath("/cache");
            assertThatThrownBy(() -> wide("block1_conv1")
                            .featureCache(FeatureCache.in(folder))
                            .validation(held)
                            .listener(recording)
                            .fit(Pictures.dataset(2)))
                    .isInstanceOf(UncheckedIOException.class)
                    .rootCause()
                    .hasMessageStartingWith("the features that are not there yet need ")
                    .hasMessageContaining(" for validation), the feature cache " + folder + " has ");
        }
        assertThat(recording.events).noneMatch(event -> event.startsWith("features"));
    }

    /** However many they are: what looks alike is kept once. */
    @Test
    void repeatedImagesNeedRoomInTheCacheOnce() throws IOException {
        ImageDataset few = Pictures.dataset(2);
        AtomicReference<String> started = new AtomicReference<>();
        FitListener stopping = new FitListener() {
            @Override
            public void featuresStarted(long images) {
                started.set(images + " images");
                Thread.currentThread().interrupt();
            }
        };

        try (FileSystem disk = smallDisk()) {
            assertThatThrownBy(() -> wide("block1_conv1")
                            .featureCache(FeatureCache.in(disk.getPath("/cache")))
                            .validation(repeated(11))
                            .listener(stopping)
                            .fit(few))
                    .isInstanceOf(TrainingStoppedException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(started).hasValue("2 images");
    }
}
