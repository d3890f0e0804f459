package org.transfer4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.transfer4j.cache.Experiments.computed;
import static org.transfer4j.cache.Experiments.digits;
import static org.transfer4j.cache.Experiments.learner;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.testing.ChildProcess;

class SharedCacheTest {
    @TempDir
    private Path folder;

    @Test
    void threadsShareAFolder() throws Exception {
        FeatureCache cache = FeatureCache.in(folder);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Callable<INDArray>> fits = new ArrayList<>();
            LongAdder computed = new LongAdder();
            for (int images : new int[] {60, 60, 90, 30}) {
                fits.add(() -> weights(cache, images, computed));
            }
            List<Future<INDArray>> results = threads.invokeAll(fits);
            assertThat(computed.sum()).as("each image is computed once").isEqualTo(90);
            assertThat(results.get(0).get()).isEqualTo(results.get(1).get());
            assertThat(results.get(0).get()).isEqualTo(Experiments.weights(learner(), null, digits(60)));
            assertThat(results.get(2).get()).isEqualTo(Experiments.weights(learner(), null, digits(90)));
            assertThat(results.get(3).get()).isEqualTo(Experiments.weights(learner(), null, digits(30)));
        } finally {
            threads.shutdownNow();
        }
        assertThat(computed(learner(), folder, digits(90))).isZero();
    }

    private static INDArray weights(FeatureCache cache, int images, LongAdder computed) {
        ComputedImages own = new ComputedImages();
        INDArray weights = Experiments.weights(learner().listener(own), cache, digits(images));
        computed.add(own.images());
        return weights;
    }

    @Test
    void processesShareAFolder() throws Exception {
        int images = 50;
        try (ChildProcess one = new ChildProcess(FittingProcess.class, folder.toString(), "" + images);
                ChildProcess other = new ChildProcess(FittingProcess.class, folder.toString(), "" + images)) {
            String first = one.await("computed");
            String second = other.await("computed");
            int expected = FittingProcess.hash(Experiments.weights(FittingProcess.wide(), null, digits(images)));
            assertThat(List.of(first, second))
                    .allSatisfy(line -> assertThat(line).endsWith("weights " + expected))
                    .as("each image is computed once")
                    .satisfiesExactlyInAnyOrder(
                            line -> assertThat(line).startsWith("computed " + images + ","),
                            line -> assertThat(line).startsWith("computed 0,"));
        }
        assertThat(computed(FittingProcess.wide(), folder, digits(images)))
                .as("this process finds what the others computed")
                .isZero();
    }

    private Path lockFile() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("computing.lock"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aKilledProcessLeavesAValidCache() throws Exception {
        int images = 1_300;
        int chunk = 1_024;
        try (ChildProcess process = new ChildProcess(FittingProcess.class, folder.toString(), "" + images, "1200")) {
            process.await("standing still");
            try (FileChannel lock = FileChannel.open(lockFile(), StandardOpenOption.WRITE)) {
                assertThat(lock.tryLock()).as("others wait").isNull();
                process.kill();
                assertThat(lock.tryLock()).as("nobody waits for the dead").isNotNull();
            }
        }
        FeatureCache cache = FeatureCache.in(folder);
        assertThat(cache.list())
                .singleElement()
                .extracting(CachedFeatures::images)
                .isEqualTo((long) chunk);
        assertThat(computed(FittingProcess.wide(), folder, digits(images))).isEqualTo(images - chunk);
        Experiments.assertSameAsWithout(cache, FittingProcess.wide(), digits(images));
    }
}
