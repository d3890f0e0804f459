package org.transfer4j.benchmarks;

import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.network.InitialWeights;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.internal.trunk.Trunk;
import picocli.CommandLine;

/** The options that say which frozen network is measured, on what images. */
final class FrozenNetwork {
    @CommandLine.Option(
            names = "--backbone",
            defaultValue = "vgg16",
            description = "a backbone's name, such as resnet50")
    private String backbone = "vgg16";

    @CommandLine.Option(names = "--weights", defaultValue = "random", description = "random")
    private String weights = "random";

    @CommandLine.Option(names = "--size", defaultValue = "224", description = "height and width in pixels")
    private int size = 224;

    @CommandLine.Option(names = "--precision", defaultValue = "float32", description = "float32 or bfloat16")
    private Precision precision = Precision.FLOAT32;

    @CommandLine.Option(names = "--engine", defaultValue = "TRANSFER4J", description = "${COMPLETION-CANDIDATES}")
    private Engine engine = Engine.TRANSFER4J;

    @CommandLine.Option(names = "--tuned", description = "with the algorithms that measure fastest here")
    private boolean tuned;

    /** VGG16 by the library, without a command line. */
    static FrozenNetwork ofSize(int size) {
        FrozenNetwork network = new FrozenNetwork();
        network.size = size;
        return network;
    }

    int size() {
        return size;
    }

    Trunk compile() {
        if (!weights.equals("random")) {
            throw new IllegalArgumentException(
                    "measured is --weights random, since speed does not depend on values, got " + weights);
        }
        WeightedNetwork frozen = weighted(Backbones.named(backbone), size);
        return engine == Engine.DL4J
                ? TrunkCompiler.onDl4j(frozen)
                : TrunkCompiler.compile(frozen, precision, algorithms());
    }

    private AlgorithmChoices algorithms() {
        return tuned ? AlgorithmChoices.TABLE.andMeasured() : AlgorithmChoices.TABLE;
    }

    /** A backbone, all frozen, with random weights. */
    static WeightedNetwork weighted(Backbone backbone, int size) {
        return weighted(
                SizedBackbone.of(backbone, size, size).frozenPart(Freeze.ALL).orElseThrow());
    }

    /** A network with random weights. */
    static WeightedNetwork weighted(Network network) {
        Map<String, Map<String, INDArray>> parameters = ParameterValues.zeros(network);
        InitialWeights.fill(network, parameters, 42);
        return new WeightedNetwork(network, parameters);
    }

    INDArray images(int count) {
        float[] values = new float[count * 3 * size * size];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble();
        }
        return Nd4j.createFromArray(values).reshape('c', count, 3, size, size).castTo(DataType.FLOAT);
    }

    /** Who computes: the library, or DL4J as it comes, beside which the library is measured. */
    enum Engine {
        TRANSFER4J,
        DL4J
    }
}
