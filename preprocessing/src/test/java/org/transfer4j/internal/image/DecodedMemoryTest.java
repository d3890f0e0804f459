package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageBatches;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.ImageDecoder.DecodedMemory;
import org.transfer4j.preprocessing.ImageLimits;
import org.transfer4j.preprocessing.ImagePreprocessing;

@Timeout(60)
@SuppressWarnings("try") // shares are held, not used
class DecodedMemoryTest {
    @BeforeEach
    void bound() {
        ImageLimits.use(ImageLimits.defaults().withDecodedBytes(1_000));
    }

    @AfterEach
    void forgetLimits() {
        ImageLimits.use(ImageLimits.defaults());
        assertThat(DecodedMemory.taken()).isZero();
    }

    private static Thread waiting(Runnable work) throws InterruptedException {
        Thread thread = new Thread(work);
        thread.start();
        while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
            Thread.sleep(1);
        }
        return thread;
    }

    @Test
    void turnsAreInTheOrderOfAsking() throws InterruptedException {
        List<Integer> turns = new CopyOnWriteArrayList<>();
        DecodedMemory.Share first = DecodedMemory.take(600, ImageOrigin.UNNAMED);
        Thread large = waiting(() -> {
            try (DecodedMemory.Share share = DecodedMemory.take(900, ImageOrigin.UNNAMED)) {
                turns.add(900);
            }
        });
        // there would be room for this one
        Thread small = waiting(() -> {
            try (DecodedMemory.Share share = DecodedMemory.take(200, ImageOrigin.UNNAMED)) {
                turns.add(200);
            }
        });
        assertThat(DecodedMemory.taken()).isEqualTo(600);
        first.close();
        first.close();
        large.join();
        small.join();
        assertThat(turns).containsExactly(900, 200);
    }

    @Test
    void whoIsInterruptedLeavesTheQueue() throws InterruptedException {
        List<Object> seen = new CopyOnWriteArrayList<>();
        try (DecodedMemory.Share first = DecodedMemory.take(600, ImageOrigin.UNNAMED)) {
            Thread large = waiting(() -> {
                try {
                    DecodedMemory.take(900, ImageOrigin.UNNAMED).close();
                } catch (CancellationException e) {
                    seen.add(e);
                    seen.add(Thread.currentThread().isInterrupted());
                }
            });
            Thread small =
                    waiting(() -> DecodedMemory.take(200, ImageOrigin.UNNAMED).close());
            large.interrupt();
            large.join();
            small.join();
            assertThat(seen).hasSize(2).last().isEqualTo(true);
        }
    }

    @Test
    void moreThanAllIsRefused() {
        assertThatThrownBy(() -> DecodedMemory.take(1_001, ImageOrigin.named("x")))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll("1001 bytes", "limit of 1000 ", "-Dtransfer4j.image.decodedBytes");
    }

    /** Four threads, and memory for one image: they take turns. */
    @Test
    void datasetsNeedNoMoreThanOneImageAtOnce() {
        ImageLimits.use(ImageLimits.current().withDecodedBytes(3 * 20 * 20));
        ImageDataset data = ImageDataset.encoded(IntStream.range(0, 40)
                .mapToObj(i -> EncodedImage.of("image " + i, "" + i % 2, TestImages.jpeg(20, 20, 6 * i, 90, 10)))
                .toList());
        int images = 0;
        try (ImageBatches batches =
                data.batches(BatchSettings.of(16, 16, ImagePreprocessing.unit()).withThreads(4))) {
            while (batches.hasNext()) {
                images += batches.next().size();
            }
        }
        assertThat(images).isEqualTo(40);
    }
}
