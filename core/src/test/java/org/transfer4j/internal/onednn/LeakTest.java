package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
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
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
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
    void residentMemoryStaysFlat() throws Exception {
        String[] heapOfFixedSize = {"-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch"};
        String[] enoughNativeMemory = {
            "-Dorg.bytedeco.javacpp.maxbytes=1g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g"
        };
        String[] flags = Stream.of(heapOfFixedSize, enoughNativeMemory)
                .flatMap(Arrays::stream)
                .toArray(String[]::new);
        // a leak grows in every process; what the JVM does beside it, such as compiling, does not come each time
        long running = Long.MAX_VALUE;
        long compiling = Long.MAX_VALUE;
        for (int process = 0; process < 3 && !(running < 4_096 && compiling < 16_384); process++) {
            String output = AnotherProcess.output(MemoryGrowth.class, entry -> true, flags);
            running = Math.min(running, kilobytes(output, "running"));
            compiling = Math.min(compiling, kilobytes(output, "compiling"));
        }

        assertThat(running).isLessThan(4_096);
        assertThat(compiling).isLessThan(16_384);
    }

    private static long kilobytes(String output, String label) {
        Matcher number = Pattern.compile(label + " (-?\\d+)").matcher(output);
        assertThat(number.find()).as(output).isTrue();
        return Long.parseLong(number.group(1));
    }
}
