package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.transfer4j.dataset.TestDatasets.ofCounts;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.TestImages;
import org.transfer4j.preprocessing.ImagePreprocessing;

@Timeout(600)
class ImageBatchesTest {
    private static final BatchSettings SETTINGS = BatchSettings.of(2, 2, ImagePreprocessing.none());

    /** Images of one pixel whose value is their number, with a word of ours at each opening. */
    private static ImageDataset watched(int count, IntFunction<InputStream> open) {
        List<EncodedImage> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            images.add(EncodedImage.of("number " + i, String.valueOf(i % 3), () -> open.apply(number)));
        }
        return ImageDataset.encoded(images);
    }

    private static InputStream png(int number) {
        return new ByteArrayInputStream(TestImages.encode(".png", TestImages.mat(1, 1, 1, false, number)));
    }

    @Test
    void batchesComeInTheOrderOfTheDataset() {
        ImageDataset dataset = ofCounts(30, 40, 33).shuffle(5);
        for (int threads : new int[] {1, 2, 7}) {
            int image = 0;
            try (ImageBatches batches =
                    dataset.batches(SETTINGS.withBatchSize(10).withThreads(threads))) {
                while (batches.hasNext()) {
                    ImageBatch batch = batches.next();
                    assertThat(batch.size()).isEqualTo(image < 100 ? 10 : 3);
                    assertThat(batch.features().shape()).containsExactly(batch.size(), 3, 2, 2);
                    for (int i = 0; i < batch.size(); i++, image++) {
                        int number = dataset.image(image).getInt(0);
                        assertThat(batch.classIndices()[i]).isEqualTo(dataset.classIndex(image));
                        for (int channel = 0; channel < 3; channel++) {
                            assertThat(batch.features().getInt(i, channel, 1, 1))
                                    .isEqualTo(number);
                        }
                    }
                }
                assertThatThrownBy(batches::next).isInstanceOf(NoSuchElementException.class);
            }
            assertThat(image).isEqualTo(103);
        }
    }

    /** A decoder that ran ahead without bound would open image 4 x 3 before the first batch was given back. */
    @Test
    void neverMoreBatchesInFlightThanAllowed() throws InterruptedException {
        int batchSize = 4;
        int inFlight = 3;
        AtomicInteger taken = new AtomicInteger(1);
        AtomicInteger farthest = new AtomicInteger();
        List<String> violations = java.util.Collections.synchronizedList(new ArrayList<>());
        ImageDataset dataset = watched(80, number -> {
            // The consumer counts a batch as taken before it asks for it, so that this bound is never too low.
            int bound = (taken.get() - 1 + inFlight) * batchSize;
            if (number >= bound) {
                violations.add(number + " of " + bound);
            }
            synchronized (farthest) {
                farthest.accumulateAndGet(number, Math::max);
                farthest.notifyAll();
            }
            return png(number);
        });
        Set<Long> addresses = new HashSet<>();
        try (ImageBatches batches = dataset.batches(
                SETTINGS.withBatchSize(batchSize).withBatchesInFlight(inFlight).withThreads(4))) {
            for (int batch = 0; batches.hasNext(); batch++) {
                taken.set(batch + 1);
                addresses.add(batches.next().features().data().address());
                awaitAtLeast(farthest, Math.min(79, (batch + inFlight) * batchSize - 1));
            }
        }
        assertThat(violations).isEmpty();
        assertThat(addresses).hasSize(inFlight);
    }

    private static void awaitAtLeast(AtomicInteger value, int least) throws InterruptedException {
        synchronized (value) {
            while (value.get() < least) {
                value.wait();
            }
        }
    }

    @Test
    void aFailureComesWithItsBatchAndNamesItsFirstImage() {
        ImageDataset dataset = watched(12, number -> {
            if (number == 6 || number == 7) {
                return new ByteArrayInputStream(new byte[] {1, 2, 3});
            }
            return png(number);
        });
        for (int threads = 1; threads < 5; threads++) {
            try (ImageBatches batches =
                    dataset.batches(SETTINGS.withBatchSize(4).withThreads(threads))) {
                assertThat(batches.next().features().getInt(3, 0, 0, 0)).isEqualTo(3);
                assertThatThrownBy(batches::next)
                        .isInstanceOf(ImageException.class)
                        .hasMessageStartingWith("number 6: ");
                assertThatThrownBy(batches::next)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
        }
    }

    @Test
    void errorsOfTheMachineArePassedOn() {
        OutOfMemoryError error = new OutOfMemoryError("for the test");
        ImageDataset dataset = watched(2, number -> {
            throw error;
        });
        try (ImageBatches batches = dataset.batches(SETTINGS)) {
            assertThatThrownBy(batches::next).isSameAs(error);
        }
    }

    @Test
    void scaledPixelsAreRefusedOnlyWhereTheyWouldBeScaledAgain() {
        ImageDataset dataset = ImageDataset.of(Nd4j.zeros(2, 1, 2, 2).addi(0.5), new int[] {0, 1});
        try (ImageBatches batches = dataset.batches(SETTINGS)) {
            assertThat(batches.next().features().getFloat(1, 2, 1, 1)).isEqualTo(0.5f);
        }
        try (ImageBatches batches = dataset.batches(BatchSettings.of(2, 2, ImagePreprocessing.unit()))) {
            assertThatThrownBy(batches::next)
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("image 0 of the array")
                    .hasMessageContaining("ImagePreprocessing.none()");
        }
    }

    @Test
    void closingStopsTheThreadsAtOnce() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(2);
        Set<Thread> workers = java.util.concurrent.ConcurrentHashMap.newKeySet();
        ImageDataset dataset = watched(50, number -> {
            workers.add(Thread.currentThread());
            started.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return png(number);
        });
        ImageBatches batches = dataset.batches(SETTINGS.withThreads(2));
        started.await();
        batches.close();
        batches.close();
        assertThat(workers).hasSize(2).noneMatch(Thread::isAlive).allMatch(Thread::isDaemon);
        assertThat(workers).allMatch(thread -> thread.getName().startsWith("transfer4j-images-"));
        assertThatThrownBy(batches::next).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingWithoutReadingIsFine() {
        assertThatCode(() -> ofCounts(100).batches(SETTINGS).close()).doesNotThrowAnyException();
    }

    @Test
    void closingFreesTheBuffers() {
        ImageBatches batches = ofCounts(10).batches(SETTINGS.withBatchSize(5));
        INDArray features = batches.next().features();
        batches.close();
        assertThat(features.wasClosed()).isTrue();
    }

    /** Processes and containers have a limit of threads. */
    @Test
    void whereAThreadCannotBeStartedNothingIsLeft() {
        OutOfMemoryError error = new OutOfMemoryError("unable to create native thread");
        List<Thread> workers = new ArrayList<>();
        ThreadFactory twoAtMost = work -> {
            Thread worker = new Thread(work) {
                @Override
                public synchronized void start() {
                    if (workers.indexOf(this) == 2) {
                        throw error;
                    }
                    super.start();
                }
            };
            workers.add(worker);
            return worker;
        };
        BatchContent content = BatchContent.plain(
                ofCounts(100),
                BatchSettings.of(200, 200, ImagePreprocessing.none())
                        .withThreads(4)
                        .withBatchSize(50));
        long before = Pointer.totalBytes();
        assertThatThrownBy(() -> new ImageBatches(content, twoAtMost)).isSameAs(error);
        assertThat(workers).hasSize(4).noneMatch(Thread::isAlive);
        assertThat(Pointer.totalBytes()).isLessThan(before + 1_000_000);
    }

    @Test
    void anInterruptEndsTheWaiting() {
        CountDownLatch never = new CountDownLatch(1);
        ImageDataset dataset = watched(5, number -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return png(number);
        });
        try (ImageBatches batches = dataset.batches(SETTINGS)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(batches::next).isInstanceOf(CancellationException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** A stream that leaves its thread interrupted must not spoil the image after it. */
    @Test
    void interruptsInsideStreamsDoNotSpread() {
        ImageDataset dataset = watched(9, number -> {
            Thread.currentThread().interrupt();
            return png(number);
        });
        try (ImageBatches batches = dataset.batches(SETTINGS.withBatchSize(9).withThreads(1))) {
            assertThat(batches.next().features().getInt(8, 0, 0, 0)).isEqualTo(8);
        }
    }

    @Test
    void buffersLieOutsideTheWorkspaceOfTheCaller() {
        WorkspaceConfiguration configuration =
                WorkspaceConfiguration.builder().initialSize(1 << 16).build();
        ImageDataset dataset = ofCounts(8);
        ImageBatches batches;
        try (MemoryWorkspace workspace =
                Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "ImageBatchesTest")) {
            batches = dataset.batches(SETTINGS.withBatchSize(8));
            assertThat(workspace.isScopeActive()).isTrue();
        }
        try (batches) {
            INDArray features = batches.next().features();
            assertThat(features.isAttached()).isFalse();
            assertThat(features.getInt(7, 2, 1, 1)).isEqualTo(7);
        }
    }

    @Test
    void settingsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BatchSettings.of(0, 2, ImagePreprocessing.none()))
                .withMessage("height must be at least 1, but was 0");
        assertThatIllegalArgumentException().isThrownBy(() -> SETTINGS.withBatchSize(0));
        assertThatIllegalArgumentException().isThrownBy(() -> SETTINGS.withThreads(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> SETTINGS.withBatchesInFlight(0));
        BatchSettings large = BatchSettings.of(20_000, 20_000, ImagePreprocessing.none());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ofCounts(2).batches(large))
                .withMessageContaining("2 images of 20000x20000");
    }

    @Test
    void settingsTellWhatTheyAre() {
        assertThat(BatchSettings.of(8, 16, ImagePreprocessing.tf())
                        .withBatchSize(5)
                        .withThreads(2))
                .hasToString("batches of 5 images of 8x16, preprocessing tf, 2 threads, 3 batches in flight");
    }
}
