package org.transfer4j.benchmarks;

import java.util.Random;
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
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.tail.Tail;
import org.transfer4j.training.Optimizer;

/** One step of training a head on a batch of 128 that is in memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 2)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class DenseStep {
    private static final double RATE = 0.01;

    private static final int BATCH = 128;
    private static final int CLASSES = 10;

    /** Features of an image. */
    @Param({"512", "25088"})
    public int width = 512;

    /** Units of a hidden layer, or 0. */
    @Param({"0", "256"})
    public int hidden;

    private INDArray features;
    private Batch batch;
    private Tail tail;

    /** Makes the head and the batch. */
    @Setup(Level.Trial)
    public void prepare() {
        HeadNetwork network = new HeadNetwork(width, hidden, Optimizer.sgd(RATE));
        Random random = new Random(1);
        features = network.features(BATCH, random);
        batch = new Batch(features, random.ints(BATCH, 0, CLASSES).toArray());
        tail = network.tail();
    }

    /** Frees their memory. */
    @TearDown(Level.Trial)
    public void close() {
        tail.close();
        features.close();
    }

    /** Forwards, backwards, update. */
    @Benchmark
    public Tail.StepResult train() {
        return tail.train(batch, RATE);
    }
}
