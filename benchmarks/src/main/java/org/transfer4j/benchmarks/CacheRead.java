package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.benchmarks.SampleImages.Origin;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.cache.CacheFolder;
import org.transfer4j.internal.cache.CachedFeaturePass;
import org.transfer4j.internal.cache.FeatureSpace;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Examples;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.feature.SeededAugmentation.Variants;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.FitListener;

/** 1,024 rows of features from a cache on disk (from the page cache, that is), in shuffled order, by batches of 128. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx4g")
public class CacheRead {
    private static final int IMAGES = 1024;
    private static final int BATCH = 128;

    /** How wide a row is: that of a pooled VGG16, or that of a flattened one at 224x224. */
    public enum Rows {
        /** VGG16 at 32x32. */
        WIDTH_512("block5_pool", 32),
        /** VGG16's first two blocks at 56x56. */
        WIDTH_25088("block2_pool", 56);

        private final String lastLayer;
        private final int size;

        Rows(String lastLayer, int size) {
            this.lastLayer = lastLayer;
            this.size = size;
        }
    }

    /** Which rows. */
    @Param
    public Rows rows = Rows.WIDTH_512;

    private Path folder;
    private Examples examples;
    private ByteBuffer target;
    private int[] order;

    /** Computes the features into a new cache. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        folder = Files.createTempDirectory("transfer4j-cache");
        Backbone backbone = Backbone.vgg16().upTo(rows.lastLayer);
        WeightedNetwork frozen = FrozenNetwork.weighted(backbone, rows.size);
        try (SampleImages samples = SampleImages.write(Origin.IDX, IMAGES);
                Trunk trunk = TrunkCompiler.compile(frozen, Precision.FLOAT32)) {
            ImageDataset data = samples.open();
            FeatureSpace.Recipe recipe = new FeatureSpace.Recipe(
                    backbone.name(),
                    frozen,
                    trunk,
                    new NetworkInput(rows.size, rows.size, ImagePreprocessing.unit()),
                    "benchmark");
            examples = new CachedFeaturePass(
                            new CacheFolder(folder), Long.MAX_VALUE, recipe, BATCH, new FitListener() {})
                    .run(new DatasetSource(data), Variants.NONE);
        }
        order = new Random(1).ints(0, IMAGES).distinct().limit(IMAGES).toArray();
        try (BatchStream batches = examples.batches(order, BATCH)) {
            target = ByteBuffer.allocateDirect(BATCH * batches.next().rowLength() * Float.BYTES);
        }
    }

    /** Removes it. */
    @TearDown(Level.Trial)
    public void remove() throws IOException {
        examples.close();
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }

    /** All rows. */
    @Benchmark
    public ByteBuffer read() {
        try (BatchStream batches = examples.batches(order, BATCH)) {
            while (batches.hasNext()) {
                Batch batch = batches.next();
                target.clear();
                for (int row = 0; row < batch.size(); row++) {
                    batch.copyValues(row, 0, batch.rowLength(), target);
                }
            }
        }
        return target;
    }
}
