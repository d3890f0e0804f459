package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;

/** Native memory is freed when it is no longer needed, not when the collector comes by. */
class LeakTest {

    @Test
    void nothingWaitsForTheCollector() throws Exception {
        TestGraph graph = TestGraph.vgg(8, 32);
        ComputationGraph dl4j = graph.build();
        INDArray images = graph.images(3);
        try (OneDnnTrunk trunk = TestGraph.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
            trunk.infer(images).close();
            assertLeft(10, () -> {
                for (int run = 0; run < 10; run++) {
                    trunk.infer(images).close();
                }
            });
        }
    }

    @Test
    void closingFreesEverythingAtOnce() throws Exception {
        TestGraph graph = TestGraph.vgg(8, 32);
        ComputationGraph dl4j = graph.build();
        INDArray images = graph.images(3);
        long[] open = new long[1];
        // a copy of each of 26 parameters, a view of each of 13 biases, and the features
        assertLeft(26 + 13 + 1, () -> {
            long before = Pointer.totalCount();
            try (OneDnnTrunk trunk = TestGraph.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
                trunk.infer(images).close();
                open[0] = Pointer.totalCount() - before;
            }
        });
        // of the attempt that no collector spoiled
        assertThat(open[0]).isGreaterThan(100);
    }

    /**
     * As many pointers are left as arrays leave. A collector that comes by frees those of earlier tests in the meantime, which
     * spoils a count; what is left behind spoils each.
     */
    private static void assertLeft(int arrays, ThrowingCallable work) throws Exception {
        long left = 0;
        long expected = -1;
        for (int attempt = 0; attempt < 10 && left != expected; attempt++) {
            expected = arrays * pointersThatAnArrayLeavesBehind();
            long before = Pointer.totalCount();
            assertThatCode(work).doesNotThrowAnyException();
            left = Pointer.totalCount() - before;
        }
        assertThat(left).isEqualTo(expected);
    }

    /** ND4J frees an array's values at once, but not what it keeps beside them. */
    private static long pointersThatAnArrayLeavesBehind() {
        long before = Pointer.totalCount();
        Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 3, 4, 1, 1).close();
        return Pointer.totalCount() - before;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void residentMemoryStaysFlat() throws Exception {
        String[] heapOfFixedSize = {"-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch"};
        String[] enoughNativeMemory = {
            "-Dorg.bytedeco.javacpp.maxbytes=1g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g"
        };
        String[] flags = Stream.of(heapOfFixedSize, enoughNativeMemory)
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        String output = AnotherProcess.output(MemoryGrowth.class, entry -> true, flags);
        assertThat(bytes(output, "leaking")).as(output).isCloseTo(MemoryGrowth.LEAKED_BYTES, withinPercentage(20));
        assertThat(bytes(output, "running")).as(output).isLessThan(MemoryGrowth.FEW_BYTES_A_RUN);
        assertThat(bytes(output, "compiling")).as(output).isLessThan(MemoryGrowth.FEW_BYTES_A_COMPILATION);
    }

    private static long bytes(String output, String label) {
        Matcher number = Pattern.compile(label + " (-?\\d+)").matcher(output);
        assertThat(number.find()).as(output).isTrue();
        return Long.parseLong(number.group(1));
    }
}
