package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.Plan.Workspace;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/** Finds out which algorithm computes the convolutions of a program fastest here, each alone, on random numbers. */
final class AlgorithmMeasurement {
    private static final Logger LOG = LoggerFactory.getLogger(AlgorithmMeasurement.class);
    private static final int WARM_UPS = 2;
    private static final int RUNS = 7;

    private final OneDnn.Library library;

    private AlgorithmMeasurement(OneDnn.Library library) {
        this.library = library;
    }

    /**
     * Measures.
     *
     * @param sizes for which pieces
     * @param known what is recorded already
     * @return the same with what was measured, by {@link RecordedAlgorithms#key}
     */
    static Map<String, Algorithm> complete(
            OneDnn.Library library, Program program, List<Piece.Size> sizes, Map<String, Algorithm> known) {
        Map<String, Algorithm> choices = new TreeMap<>(known);
        AlgorithmMeasurement measurement = new AlgorithmMeasurement(library);
        for (Convolution convolution : program.convolutions()) {
            if (AlgorithmTable.hasWinograd(library.instructionSet(), convolution)) {
                for (Piece.Size size : sizes) {
                    choices.computeIfAbsent(
                            RecordedAlgorithms.key(convolution, size.batch()),
                            key -> NativeThreads.with(
                                    size.threads(), () -> measurement.fastest(key, convolution, size.batch())));
                }
            }
        }
        return choices;
    }

    private Algorithm fastest(String key, Convolution convolution, int batch) {
        Map<Algorithm, Double> milliseconds = new EnumMap<>(Algorithm.class);
        for (Algorithm algorithm : Algorithm.values()) {
            milliseconds.put(algorithm, NativeScope.call(() -> measure(alone(convolution), algorithm, batch)));
        }
        LOG.debug("{}: {} ms", key, milliseconds);
        return milliseconds.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static Program alone(Convolution convolution) {
        Value input = new Value(0, convolution.input().shape());
        Value output = new Value(1, convolution.output().shape());
        Operation same = new Convolution(
                input, convolution.filter(), convolution.window(), null, convolution.activation(), output);
        return new Program(input, List.of(same), output);
    }

    /** The median, in milliseconds; with it what all algorithms pay alike, to bring images into oneDNN's order and back. */
    private double measure(Program program, Algorithm algorithm, int batch) {
        try (PackedWeights weights = new PackedWeights(library.cpu(), 1);
                Workspace workspace = new Workspace(library.cpu());
                NativeResources buffers = new NativeResources();
                Plan plan = PlanBuilder.build(
                        library, program, Precision.FLOAT32, batch, weights, (convolution, size) -> algorithm)) {
            Pointer images = random(batch * program.input().shape().elements(), buffers);
            Pointer features = random(batch * program.output().shape().elements(), buffers);
            double[] runs = new double[RUNS];
            for (int run = -WARM_UPS; run < RUNS; run++) {
                long start = System.nanoTime();
                plan.run(workspace, images, features, batch);
                if (run >= 0) {
                    runs[run] = (System.nanoTime() - start) / 1e6;
                }
            }
            Arrays.sort(runs);
            return runs[RUNS / 2];
        }
    }

    /** Not zeros: with those a CPU needs less power, and is faster. */
    private Pointer random(long values, NativeResources buffers) {
        Pointer start = buffers.memory(Layouts.bytes(values * Float.BYTES), library.cpu(), "a measurement")
                .get_data_handle();
        FloatPointer target = new FloatPointer(start);
        SplittableRandom random = new SplittableRandom(1);
        for (long i = 0; i < values; i++) {
            target.put(i, (float) random.nextDouble());
        }
        return start;
    }
}
