package org.transfer4j.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.transfer4j.benchmarks.FrozenNetwork.Engine;
import org.transfer4j.training.Optimizer;
import picocli.CommandLine;

/** How many images a second a head learns from, on features that are computed: the median of all epochs but the first. */
@CommandLine.Command(name = "head", mixinStandardHelpOptions = true, showDefaultValues = true)
final class HeadTraining implements Callable<Integer> {
    /** The two kinds of updater: without and with a state for each weight. */
    enum Updater {
        SGD,
        ADAM
    }

    @CommandLine.Option(
            names = "--width",
            converter = Benchmarks.Count.class,
            defaultValue = "512",
            description = "features of an image")
    private int width;

    @CommandLine.Option(names = "--hidden", defaultValue = "0", description = "units of a hidden layer, 0 for none")
    private int hidden;

    @CommandLine.Option(names = "--images", converter = Benchmarks.Count.class, defaultValue = "60000")
    private int images;

    @CommandLine.Option(names = "--batch", converter = Benchmarks.Count.class, defaultValue = "128")
    private int batch;

    @CommandLine.Option(
            names = "--epochs",
            converter = Benchmarks.Count.class,
            defaultValue = "3",
            description = "at least 1")
    private int epochs;

    @CommandLine.Option(names = "--optimizer", defaultValue = "SGD", description = "${COMPLETION-CANDIDATES}")
    private Updater optimizer = Updater.SGD;

    @CommandLine.Option(names = "--engine", defaultValue = "TRANSFER4J", description = "${COMPLETION-CANDIDATES}")
    private Engine engine = Engine.TRANSFER4J;

    @CommandLine.Mixin
    private OtherWork otherWork = new OtherWork();

    @Override
    public Integer call() throws Exception {
        Optimizer chosen = optimizer == Updater.ADAM ? Optimizer.adam(1e-3) : Optimizer.sgd(0.01);
        HeadNetwork network = new HeadNetwork(width, hidden, chosen);
        List<Double> speeds = new ArrayList<>();
        HeadNetwork.EpochListener listener = (imagesPerSecond, loss) -> {
            speeds.add(imagesPerSecond);
            System.out.println(String.format(
                    Locale.ROOT, "epoch %d: %.0f images/s, loss %.4f", speeds.size(), imagesPerSecond, loss));
        };
        otherWork.beside(() -> {
            if (engine == Engine.DL4J) {
                network.trainOnDl4j(images, batch, epochs, listener);
            } else {
                network.train(images, batch, epochs, listener);
            }
            return speeds;
        });
        System.out.println(String.format(Locale.ROOT, "images/s: %.0f", steady(speeds)));
        return 0;
    }

    /** The first epoch compiles, allocates and fills the page cache. */
    private static double steady(List<Double> speeds) {
        double[] sorted = speeds.stream()
                .skip(speeds.size() > 1 ? 1 : 0)
                .mapToDouble(Double::doubleValue)
                .toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
