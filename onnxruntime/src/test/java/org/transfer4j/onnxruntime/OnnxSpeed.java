package org.transfer4j.onnxruntime;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** The partner of {@code src/test/python/speed.py}: for each number that it reads it runs a model so often, and says how long its threads computed. */
final class OnnxSpeed {
    private OnnxSpeed() {}

    /**
     * Reads numbers until the input ends, and prints seconds.
     *
     * @param arguments the model, how many images at once, and their side
     */
    public static void main(String[] arguments) throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        int batch = Integer.parseInt(arguments[1]);
        int side = Integer.parseInt(arguments[2]);
        try (Trunk trunk = Goldens.trunk(OnnxBackbone.of(Path.of(arguments[0]))
                        .inputSize(side, side)
                        .backbone(ImagePreprocessing.none()));
                INDArray images = Nd4j.randn(new long[] {batch, 3, side, side});
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                long start = system.getProcessCpuTime();
                for (int i = Integer.parseInt(line); i > 0; i--) {
                    trunk.infer(images).close();
                }
                System.out.println((system.getProcessCpuTime() - start) / 1e9);
            }
        }
    }
}
