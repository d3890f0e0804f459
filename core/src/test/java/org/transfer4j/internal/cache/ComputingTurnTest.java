package org.transfer4j.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.CachedFeaturePass.ComputingTurn;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.training.FitListener;

/** Two passes that need the same features. The first stands at the gate of its trunk until the other waits. */
@Timeout(600)
class ComputingTurnTest {
    private static final int IMAGES = 40;

    @TempDir
    private Path root;

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final GatedTrunk slow = GatedTrunk.closed();
    private final GatedTrunk other = GatedTrunk.open();
    private final Waits waits = new Waits();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ComputingTurn.class);
    private Future<float[]> first;

    /** Hears who waits. */
    private static final class Waits extends AppenderBase<ILoggingEvent> {
        private final CountDownLatch heard = new CountDownLatch(1);
        private final AtomicInteger count = new AtomicInteger();

        @Override
        protected void append(ILoggingEvent event) {
            if (event.getLevel() == Level.INFO) {
                count.incrementAndGet();
                heard.countDown();
            }
        }
    }

    @BeforeEach
    @Timeout(600)
    void startTheFirst() throws InterruptedException {
        waits.start();
        logger.addAppender(waits);
        logger.setLevel(Level.INFO);
        first = threads.submit(() -> SamplePass.run(root, slow, IMAGES));
        slow.awaitUse();
    }

    @AfterEach
    @Timeout(600)
    void endThreads() throws InterruptedException {
        logger.detachAppender(waits);
        logger.setLevel(null);
        slow.openGate();
        threads.shutdownNow();
        // the first may still write to the folder, which is deleted next
        assertThat(threads.awaitTermination(600, TimeUnit.SECONDS)).isTrue();
    }

    private Future<float[]> startTheOther(int images) throws InterruptedException {
        Future<float[]> second = threads.submit(() -> SamplePass.run(root, other, images));
        waits.heard.await();
        return second;
    }

    @Test
    void theSecondWaitsAndReadsWhatTheFirstComputed() throws Exception {
        Future<float[]> second = startTheOther(IMAGES);
        assertThat(second.isDone()).isFalse();
        slow.openGate();
        assertThat(second.get()).isEqualTo(first.get());
        assertThat(slow.images()).isEqualTo(IMAGES);
        assertThat(other.images()).isZero();
        assertThat(waits.count).as("said once").hasValue(1);
    }

    @Test
    void whatTheFirstHadNotIsComputedByTheSecond() throws Exception {
        Future<float[]> second = startTheOther(IMAGES + 5);
        slow.openGate();
        first.get();
        second.get();
        assertThat(slow.images()).isEqualTo(IMAGES);
        assertThat(other.images()).isEqualTo(5);
    }

    @Test
    void aFirstThatFailsLetsTheSecondCompute() throws Exception {
        Future<float[]> second = startTheOther(IMAGES);
        slow.breakDown();
        assertThatThrownBy(first::get)
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("the trunk is broken");
        second.get();
        assertThat(other.images()).isEqualTo(IMAGES);
    }

    @Test
    void whoIsInterruptedWhileItWaitsEndsAndDisturbsNobody() throws Exception {
        AtomicReference<Thread> waiting = new AtomicReference<>();
        Future<Boolean> second = threads.submit(() -> {
            waiting.set(Thread.currentThread());
            assertThatThrownBy(() -> SamplePass.run(root, other, IMAGES))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("interrupted while waiting for features that another fit computes");
            return Thread.currentThread().isInterrupted();
        });
        waits.heard.await();
        waiting.get().interrupt();
        assertThat(second.get()).as("still interrupted").isTrue();
        slow.openGate();
        first.get();
        SamplePass.run(root, other, IMAGES);
        assertThat(other.images()).isZero();
    }

    @Test
    void whoHasAllThatItNeedsWaitsNoLonger(@TempDir Path elsewhere) throws Exception {
        SamplePass.run(elsewhere, GatedTrunk.open(), 20);
        Future<float[]> second = startTheOther(20);
        StoredFile chunk = StoredFile.in(SamplePass.folder(elsewhere).path(), SpaceFolder::isChunk)
                .get(0);
        Files.move(
                chunk.path(),
                SamplePass.folder(root).path().resolve(chunk.path().getFileName()));
        second.get();
        assertThat(first.isDone()).isFalse();
        assertThat(other.images()).isZero();
    }

    @Test
    void nobodyWaitsForOneThatMakesNoProgress() {
        CachedFeaturePass impatient = SamplePass.of(root, other, new FitListener() {}, Duration.ofMillis(1));
        SamplePass.run(impatient, SamplePass.digits(IMAGES));
        assertThat(first.isDone()).isFalse();
        assertThat(other.images()).isEqualTo(IMAGES);
    }

    @Test
    void listingAndDeletingDoNotWait() throws Exception {
        CacheFolder cache = new CacheFolder(root);
        assertThat(cache.spaces()).isEmpty();
        cache.trim(1);
        cache.clear();
        Future<float[]> second = startTheOther(IMAGES);
        slow.openGate();
        first.get();
        second.get();
        assertThat(slow.images() + other.images()).isEqualTo(IMAGES);
    }

    @Test
    void aFitWithinAFitDoesNotWaitForItself(@TempDir Path another) throws IOException {
        GatedTrunk outer = GatedTrunk.open();
        FitListener startsAnother = new FitListener() {
            @Override
            public void featuresStarted(long images) {
                SamplePass.run(another, other, IMAGES);
            }
        };
        SamplePass.run(SamplePass.of(another, outer, startsAnother, ComputingTurn.PATIENCE), SamplePass.digits(IMAGES));
        assertThat(outer.images()).isEqualTo(IMAGES);
        assertThat(other.images()).isEqualTo(IMAGES);
        assertThat(waits.count).hasValue(0);
    }
}
