package org.transfer4j.internal.tail.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.internal.engine.onednn.AnotherProcess;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.tail.TailSettings;
import org.transfer4j.internal.tail.loss.TrainingLoss;
import org.transfer4j.training.Optimizer;

/** Native memory is freed when it is no longer needed, not when the collector comes by. */
class TailLeakTest {
    static TestNetwork network() {
        return TestNetwork.of(3, 8, 8)
                .convolution(16, Activation.RELU)
                .normalization()
                .pooling(PoolingType.MAX)
                .convolution(16, Activation.RELU);
    }

    @Test
    void stepsLeaveNothingAndClosingFreesEverything() {
        // without batch normalization, for whose running statistics ND4J makes arrays
        TestNetwork network = TestNetwork.of(3, 8, 8)
                .convolution(16, Activation.RELU)
                .pooling(PoolingType.MAX)
                .convolution(16, Activation.RELU);
        // and with an updater of our own, since for ND4J's it makes arrays, too
        TailSettings settings = new TailSettings(Optimizer.adam(0.001), TrainingLoss.crossEntropy(), 1);
        Batch batch = network.batch(4, 1);
        OneDnnTail tail = network.own(settings);
        tail.train(batch, 0.001);
        long running = Pointer.totalCount();
        for (int i = 0; i < 50; i++) {
            tail.train(batch, 0.001);
        }
        // others come and go meanwhile, but what a step left would be there 50 times
        assertThat(Pointer.totalCount()).isLessThan(running + 10);
        long open = Pointer.totalCount();
        tail.close();
        assertThat(Pointer.totalCount()).isLessThan(open - 50);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void residentMemoryStaysFlat() throws Exception {
        String output = AnotherProcess.output(
                TailMemoryGrowth.class,
                entry -> true,
                "-Xms128m",
                "-Xmx128m",
                "-XX:+AlwaysPreTouch",
                "-Dorg.bytedeco.javacpp.maxbytes=1g",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=4g");
        Matcher number = Pattern.compile("bytes (-?\\d+)").matcher(output);
        assertThat(number.find()).as(output).isTrue();
        assertThat(Long.parseLong(number.group(1))).as(output).isLessThan(TailMemoryGrowth.FEW_BYTES);
    }
}
