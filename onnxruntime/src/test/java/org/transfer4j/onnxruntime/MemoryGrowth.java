package org.transfer4j.onnxruntime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** How much memory is left behind by 100,000 predictions and 200 times opening and closing: about none. */
final class MemoryGrowth {
    private MemoryGrowth() {}

    /**
     * Prints the growth between the first and the last tenth of each, in MB.
     *
     * @param arguments how many predictions, and how often it is opened; by default as above
     */
    public static void main(String[] arguments) throws IOException {
        int predictions = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int openings = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
        Backbone backbone = Goldens.model("convnext").backbone(ImagePreprocessing.torch());
        try (INDArray one = Nd4j.rand(new int[] {1, 3, Goldens.SIDE, Goldens.SIDE});
                INDArray several = Nd4j.rand(new int[] {5, 3, Goldens.SIDE, Goldens.SIDE})) {
            try (Trunk trunk = Goldens.trunk(backbone)) {
                report(
                        "predictions",
                        predictions,
                        i -> trunk.infer(i % 10 == 0 ? several : one).close());
            }
            report("openings", openings, i -> {
                try (Trunk trunk = Goldens.trunk(backbone)) {
                    trunk.infer(one).close();
                }
            });
        }
        System.out.println("open sessions: " + SharedSession.count());
    }

    private interface Round {
        void run(int number);
    }

    private static void report(String what, int rounds, Round round) throws IOException {
        long first = 0;
        for (int i = 1; i <= rounds; i++) {
            round.run(i);
            if (i == rounds / 10) {
                first = resident();
            }
        }
        System.out.printf("%,d %s: %.1f MB, then %+.1f MB%n", rounds, what, first / 1e6, (resident() - first) / 1e6);
    }

    private static long resident() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
