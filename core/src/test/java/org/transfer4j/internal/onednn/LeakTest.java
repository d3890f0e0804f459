package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** Native memory stays flat. What leaks in every run shows after some thousand. */
class LeakTest {
    private static final int RUNS = 10_000;
    private static final int COMPILATIONS = 20;
    private static final long ALLOWED_KILOBYTES = 4_096;

    private NativeOps openMp;
    private int threads;

    /** Thousands of runs of next to no work: on a busy machine nearly all of their time is threads that wait. */
    @BeforeEach
    void runAlone() {
        assertThat(Nd4j.getExecutioner()).as("loads the native library").isNotNull();
        openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
        threads = openMp.ompGetMaxThreads();
        openMp.setOmpNumThreads(1);
    }

    @AfterEach
    void runTogetherAgain() {
        openMp.setOmpNumThreads(threads);
    }

    @Test
    void nothingWaitsForTheCollector() throws Exception {
        TestGraph graph = TestGraph.vgg(8, 32);
        ComputationGraph dl4j = graph.build();
        INDArray images = graph.images(3);
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(dl4j, graph.inputShape())) {
            trunk.infer(images).close();
            long nd4j = pointersThatAnArrayLeavesBehind();
            long before = Pointer.totalCount();
            for (int run = 0; run < 10; run++) {
                trunk.infer(images).close();
            }
            assertThat(Pointer.totalCount() - before).isEqualTo(10 * nd4j);
        }
    }

    @Test
    void closingFreesEverythingAtOnce() throws Exception {
        TestGraph graph = TestGraph.vgg(8, 32);
        ComputationGraph dl4j = graph.build();
        INDArray images = graph.images(3);
        long nd4j = pointersThatAnArrayLeavesBehind();
        long before = Pointer.totalCount();
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(dl4j, graph.inputShape())) {
            trunk.infer(images).close();
            assertThat(Pointer.totalCount() - before).isGreaterThan(100);
        }
        // a copy of each of 26 parameters, and the features
        assertThat(Pointer.totalCount() - before).isEqualTo((26 + 1) * nd4j);
    }

    /** ND4J frees an array's values at once, but not what it keeps beside them. */
    private static long pointersThatAnArrayLeavesBehind() {
        long before = Pointer.totalCount();
        Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 3, 4, 1, 1).close();
        return Pointer.totalCount() - before;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void runningLeavesNothingBehind() throws Exception {
        TestGraph graph =
                TestGraph.of(3, 8, 8).convolution(16, 3, 1, Activation.RELU).convolution(16, 3, 1, Activation.RELU);
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(graph.build(), graph.inputShape())) {
            INDArray padded = graph.images(3);
            INDArray whole = graph.images(4);
            long before = 0;
            for (int run = 0; run < 2 * RUNS; run++) {
                if (run == RUNS) {
                    before = settledKilobytes();
                }
                trunk.infer(run % 2 == 0 ? padded : whole).close();
            }
            assertThat(settledKilobytes() - before).isLessThan(ALLOWED_KILOBYTES);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void closingLeavesNothingBehind() throws Exception {
        // 1.2 MB of plain weights, packed 4.7 MB: 20 of them cannot hide
        TestGraph graph = TestGraph.of(64, 8, 8).convolution(512, 3, 1, Activation.RELU);
        ComputationGraph dl4j = graph.build();
        INDArray images = graph.images(4);
        long before = 0;
        for (int compilation = 0; compilation < 2 * COMPILATIONS; compilation++) {
            if (compilation == COMPILATIONS) {
                before = settledKilobytes();
            }
            try (OneDnnTrunk trunk = OneDnnTrunk.compile(dl4j, graph.inputShape())) {
                trunk.infer(images).close();
            }
        }
        assertThat(settledKilobytes() - before).isLessThan(4 * ALLOWED_KILOBYTES);
    }

    private static long settledKilobytes() throws Exception {
        System.gc();
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("RssAnon")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("no RssAnon in /proc/self/status");
    }
}
