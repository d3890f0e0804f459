package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.engine.onednn.Plan.Workspace;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * Which algorithm computes a convolution: what was recorded for it, or else what a table says.
 *
 * @param recorded by the convolution's sizes and the batch: "64x112x112 to 128x112x112, batch 8"
 */
record ConvolutionAlgorithms(InstructionSet instructionSet, Map<String, Algorithm> recorded)
        implements PlanBuilder.AlgorithmChoice {
    private static final int LEAST_TILES = 8;
    private static final int LEAST_INPUTS = 16;
    private static final int LEAST_CHANNEL_PAIRS = 512;
    private static final int TILE = 4;
    private static final Extent WINOGRAD_KERNEL = new Extent(3, 3);

    @Override
    public Algorithm choose(Convolution convolution, int batch) {
        return Optional.ofNullable(recorded.get(key(convolution, batch))).orElseGet(() -> ofTable(convolution, batch));
    }

    /**
     * Without records: fixed for instruction set and shape, never measured at run time, so that the
     * same input gives the same bits in every run. Made by measuring, on 2 cores of a Xeon with AVX-512, oneDNN 2.5.2; on an
     * EPYC with AVX-512 no other choice makes VGG16 faster either. Milliseconds for direct / Winograd, with bias and ReLU, best
     * of many runs:
     *
     * <pre>
     * channels, image     batch 1      batch 4      batch 8      batch 32
     *   3 ->  64, 224    0.45/1.43    2.27/13.9    4.87/33.5
     *  64 ->  64, 224    8.18/4.98    34.0/16.6    69.1/34.1
     *  64 -> 128, 112    4.00/2.27    17.1/7.60    34.8/15.2
     * 128 -> 128, 112    8.02/5.67    33.8/13.8    68.4/27.4
     * 256 -> 256,  56    8.09/2.97    33.6/14.6    67.1/30.8
     * 512 -> 512,  28    7.65/3.28    32.3/12.7
     * 512 -> 512,  14    1.81/1.17    7.56/4.23
     *  64 ->  64,  48    0.35/0.21    1.41/0.77    2.84/1.57    11.7/6.23
     * 256 -> 256,  12    0.32/0.22    1.32/0.61    2.64/1.20    10.8/4.60
     * 512 -> 512,   6    0.42/0.44    1.60/1.28    3.15/2.21    13.0/7.51
     * 512 -> 512,   3    0.22/0.30    0.74/0.74    1.49/0.97    5.78/2.23
     * 512 -> 512,   4    0.27/0.30    0.97/0.73    2.08/1.10    8.62/2.71
     * 512 -> 512,   2    0.18/0.30    0.62/0.74    1.37/1.09    5.33/2.71
     *  32 ->  32,  32    0.05/0.04    0.16/0.12    0.35/0.27
     *  16 ->  64,  32    0.04/0.03    0.18/0.15
     *  24 ->  24,  32    0.03/0.03                 0.28/0.24
     *  16 ->  16,  32    0.01/0.02    0.05/0.07    0.10/0.13
     * </pre>
     *
     * <p>So Winograd wins wherever it has enough tiles of 4x4 outputs to share a transformed filter among, and enough
     * channels, in and out, to pay for the transforms.
     */
    private Algorithm ofTable(Convolution convolution, int batch) {
        Filter filter = convolution.filter();
        boolean worthwhile = filter.inputsPerGroup() >= LEAST_INPUTS
                && (long) filter.inputsPerGroup() * filter.outputs() >= LEAST_CHANNEL_PAIRS
                && tiles(convolution.output().shape(), batch) >= LEAST_TILES;
        return hasWinograd(convolution) && worthwhile ? Algorithm.WINOGRAD : Algorithm.DIRECT;
    }

    /** Whether there is a choice at all. */
    private boolean hasWinograd(Convolution convolution) {
        Filter filter = convolution.filter();
        return instructionSet.includes(InstructionSet.AVX512)
                && filter.groups() == 1
                && filter.kernel().equals(WINOGRAD_KERNEL)
                && convolution.window().stride().equals(Extent.ONE)
                && !convolution.window().isDilated();
    }

    private static long tiles(Shape output, int batch) {
        return (long) batch * tiles(output.height()) * tiles(output.width());
    }

    private static int tiles(int size) {
        return (size + TILE - 1) / TILE;
    }

    /** The records of a program's convolutions in which the table would choose otherwise, and only they give other bits. */
    Map<String, Algorithm> deviations(Program program) {
        Map<String, Algorithm> deviations = new TreeMap<>();
        for (Convolution convolution : program.convolutions()) {
            for (int batch : Piece.SIZES) {
                Algorithm chosen = choose(convolution, batch);
                if (chosen != ofTable(convolution, batch)) {
                    deviations.put(key(convolution, batch), chosen);
                }
            }
        }
        return deviations;
    }

    /**
     * The same, and what is not recorded is measured.
     *
     * @param sizes for which pieces
     */
    ConvolutionAlgorithms completed(OneDnn.Library library, Program program, List<Piece.Size> sizes) {
        Map<String, Algorithm> choices = new TreeMap<>(recorded);
        Measurement measurement = new Measurement(library);
        for (Convolution convolution : program.convolutions()) {
            if (hasWinograd(convolution)) {
                for (Piece.Size size : sizes) {
                    choices.computeIfAbsent(
                            key(convolution, size.batch()),
                            key -> NativeThreads.with(
                                    size.threads(), () -> measurement.fastest(key, convolution, size.batch())));
                }
            }
        }
        return new ConvolutionAlgorithms(instructionSet, Map.copyOf(choices));
    }

    /** All that the speed of a 3x3 convolution depends on: "64x112x112 to 128x112x112, batch 8". */
    private static String key(Convolution convolution, int batch) {
        return size(convolution.input()) + " to " + size(convolution.output()) + ", batch " + batch;
    }

    private static String size(Value value) {
        Shape shape = value.shape();
        return shape.channels() + "x" + shape.height() + "x" + shape.width();
    }

    /** Finds out which algorithm computes a convolution fastest here, alone, on random numbers. */
    private record Measurement(OneDnn.Library library) {
        private static final Logger LOG = LoggerFactory.getLogger(Measurement.class);
        private static final int WARM_UPS = 2;
        private static final int RUNS = 7;

        private Algorithm fastest(String key, Convolution convolution, int batch) {
            Map<Algorithm, Double> milliseconds = new EnumMap<>(Algorithm.class);
            for (Algorithm algorithm : Algorithm.values()) {
                milliseconds.put(
                        algorithm, NativeResources.inScope(() -> measure(alone(convolution), algorithm, batch)));
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
            Pointer start = buffers.memory(Descriptions.bytes(values * Float.BYTES), library.cpu(), "a measurement")
                    .get_data_handle();
            FloatPointer target = new FloatPointer(start);
            SplittableRandom random = new SplittableRandom(1);
            for (long i = 0; i < values; i++) {
                target.put(i, (float) random.nextDouble());
            }
            return start;
        }
    }
}
