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
import org.transfer4j.internal.run.Extractor;

/** One extractor a process and file, however many tasks, and none when nobody has asked for a while. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ProcessExtractorsTest {
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
        ProcessExtractors extractors = new ProcessExtractors(LONG);
        AtomicInteger reads = new AtomicInteger();
        Callable<ProcessExtractors.Loan> borrowing = () -> extractors.borrow("a", () -> {
            reads.incrementAndGet();
            return file;
        });
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<ProcessExtractors.Loan>> loans =
                    threads.invokeAll(List.of(borrowing, borrowing, borrowing, borrowing));
            Extractor first = loans.get(0).get().extractor();
            for (Future<ProcessExtractors.Loan> loan : loans) {
                assertThat(loan.get().extractor()).isSameAs(first);
            }
            assertThat(reads).hasValue(1);
            for (Future<ProcessExtractors.Loan> loan : loans) {
                loan.get().close();
                loan.get().close();
            }
            try (ProcessExtractors.Loan again = borrowing.call()) {
                assertThat(again.extractor()).isSameAs(first);
            }
            assertThat(reads).hasValue(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void theLastOnesIsClosedAfterAWhile() {
        ProcessExtractors extractors = new ProcessExtractors(0);
        ProcessExtractors.Loan first = extractors.borrow("a", () -> file);
        ProcessExtractors.Loan second = extractors.borrow("a", () -> file);
        first.close();
        assertThat(extractors.count()).isOne();
        assertThat(second.extractor().length()).isPositive();
        second.close();
        while (extractors.count() > 0) {
            Thread.onSpinWait();
        }
        try (ProcessExtractors.Loan anew = extractors.borrow("a", () -> file)) {
            assertThat(anew.extractor()).isNotSameAs(second.extractor());
        }
    }

    @Test
    void whatCantBeOpenedIsNotLent() {
        ProcessExtractors extractors = new ProcessExtractors(0);
        assertThatThrownBy(() -> extractors.borrow("a", () -> new byte[] {1, 2}))
                .isInstanceOf(ModelFileException.class);
        while (extractors.count() > 0) {
            Thread.onSpinWait();
        }
        try (ProcessExtractors.Loan good = extractors.borrow("a", () -> file)) {
            assertThat(good.extractor().length()).isPositive();
        }
    }
}
