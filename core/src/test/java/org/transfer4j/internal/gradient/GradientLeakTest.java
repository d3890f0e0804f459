package org.transfer4j.internal.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onednn.AnotherProcess;

/** Native memory is freed when it is no longer needed, not when the collector comes by. */
class GradientLeakTest {
    static TestNetwork network() {
        return TestNetwork.of(3, 8, 8, new Sgd(0.001))
                .convolution(16, Activation.RELU)
                .normalization()
                .pooling(PoolingType.MAX)
                .convolution(16, Activation.RELU);
    }

    @Test
    void stepsLeaveNothingAndClosingFreesEverything() {
        // without batch normalization, for whose running statistics ND4J makes arrays
        TestNetwork network = TestNetwork.of(3, 8, 8, new Sgd(0.001))
                .convolution(16, Activation.RELU)
                .pooling(PoolingType.MAX)
                .convolution(16, Activation.RELU);
        INDArray images = network.batch(4, 1).getFeatures();
        try (OneDnnGraph graph = TestNetwork.filled(new OneDnnGraph(network.configuration(), Precision.FLOAT32))) {
            graph.initGradientsView();
            Body body = BodyReader.read(graph, Shape.of(3, 8, 8)).orElseThrow();
            INDArray gradient;
            try (BodyRunner warm = new BodyRunner(body, Precision.FLOAT32)) {
                gradient = warm.forward(images, true).dup();
                warm.backward(gradient);
            }
            long nd4j = pointersThatAnArrayLeavesBehind();
            long before = Pointer.totalCount();
            BodyRunner runner = new BodyRunner(body, Precision.FLOAT32);
            step(runner, images, gradient);
            long running = Pointer.totalCount();
            for (int i = 0; i < 50; i++) {
                step(runner, images, gradient);
            }
            // others come and go meanwhile, but what a step left would be there 50 times
            assertThat(Pointer.totalCount()).isLessThan(running + 10);
            long open = Pointer.totalCount();
            runner.close();
            assertThat(Pointer.totalCount()).isLessThan(open - 50).isLessThan(before + nd4j + 10);
        }
    }

    /** ND4J frees an array's values at once, but not what it keeps beside them. */
    private static long pointersThatAnArrayLeavesBehind() {
        long before = Pointer.totalCount();
        Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', 4, 16, 4, 4).close();
        return Pointer.totalCount() - before;
    }

    private static void step(BodyRunner runner, INDArray images, INDArray gradient) {
        runner.forward(images, true);
        runner.backward(gradient);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void residentMemoryStaysFlat() throws Exception {
        String output = AnotherProcess.output(
                GradientMemoryGrowth.class,
                entry -> true,
                "-Xms128m",
                "-Xmx128m",
                "-XX:+AlwaysPreTouch",
                "-Dorg.bytedeco.javacpp.maxbytes=1g",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g");
        Matcher number = Pattern.compile("bytes (-?\\d+)").matcher(output);
        assertThat(number.find()).as(output).isTrue();
        assertThat(Long.parseLong(number.group(1))).as(output).isLessThan(GradientMemoryGrowth.FEW_BYTES);
    }
}
