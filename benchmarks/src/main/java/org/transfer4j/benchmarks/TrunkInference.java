package org.transfer4j.benchmarks;

import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.transfer4j.internal.trunk.Trunk;

/** One batch through the frozen layers of VGG16. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 3, time = 5)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class TrunkInference {
    /** Height and width in pixels. */
    @Param({"224", "48"})
    public int size = 224;

    /** Images at once. */
    @Param({"1", "8", "32"})
    public int batch = 1;

    private Trunk trunk;
    private INDArray images;

    /** Compiles the network, with random weights. */
    @Setup(Level.Trial)
    public void compile() {
        FrozenNetwork network = FrozenNetwork.ofSize(size);
        trunk = network.compile();
        images = network.images(batch);
    }

    /** Frees its memory. */
    @TearDown(Level.Trial)
    public void close() {
        images.close();
        trunk.close();
    }

    /** The batch's features. */
    @Benchmark
    public INDArray infer() {
        INDArray features = trunk.infer(images);
        features.close();
        return features;
    }
}
