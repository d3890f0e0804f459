package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/** One network a process and file, however many tasks, and none when nobody has asked for a while. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ProcessNetworksTest {
    private static final long LONG = 600_000;

    @TempDir
    private static Path folder;

    private static byte[] file;

    @BeforeAll
    static void write() throws IOException {
        Path path = folder.resolve("features.t4j");
        try (FeatureExtractor extractor =
                TransferLearner.tinyVgg().inputSize(32, 32).extractor()) {
            extractor.save(path);
        }
        file = Files.readAllBytes(path);
    }

    @Test
    void tasksShareOne() throws Exception {
        ProcessNetworks extractors = new ProcessNetworks(LONG);
        AtomicInteger reads = new AtomicInteger();
        Callable<ProcessNetworks.Loan> borrowing = () -> extractors.borrow(ProcessNetwork.Kind.EXTRACTOR, "a", () -> {
            reads.incrementAndGet();
            return file;
        });
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<ProcessNetworks.Loan>> loans =
                    threads.invokeAll(List.of(borrowing, borrowing, borrowing, borrowing));
            ProcessNetwork first = loans.get(0).get().network();
            for (Future<ProcessNetworks.Loan> loan : loans) {
                assertThat(loan.get().network()).isSameAs(first);
            }
            assertThat(reads).hasValue(1);
            for (Future<ProcessNetworks.Loan> loan : loans) {
                loan.get().close();
                loan.get().close();
            }
            try (ProcessNetworks.Loan again = borrowing.call()) {
                assertThat(again.network()).isSameAs(first);
            }
            assertThat(reads).hasValue(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void theLastOnesIsClosedAfterAWhile() {
        ProcessNetworks extractors = new ProcessNetworks(0);
        ProcessNetworks.Loan first = extractors.borrow(ProcessNetwork.Kind.EXTRACTOR, "a", () -> file);
        ProcessNetworks.Loan second = extractors.borrow(ProcessNetwork.Kind.EXTRACTOR, "a", () -> file);
        first.close();
        assertThat(extractors.count()).isOne();
        assertThat(second.network()).isNotNull();
        second.close();
        while (extractors.count() > 0) {
            Thread.onSpinWait();
        }
        try (ProcessNetworks.Loan anew = extractors.borrow(ProcessNetwork.Kind.EXTRACTOR, "a", () -> file)) {
            assertThat(anew.network()).isNotSameAs(second.network());
        }
    }

    @Test
    void whatCantBeOpenedIsNotLent() {
        ProcessNetworks extractors = new ProcessNetworks(0);
        assertThatThrownBy(() -> extractors.borrow(ProcessNetwork.Kind.EXTRACTOR, "a", () -> new byte[] {1, 2}))
                .isInstanceOf(ModelFileException.class);
        while (extractors.count() > 0) {
            Thread.onSpinWait();
        }
        try (ProcessNetworks.Loan good = extractors.borrow(ProcessNetwork.Kind.EXTRACTOR, "a", () -> file)) {
            assertThat(good.network()).isNotNull();
        }
    }
}
