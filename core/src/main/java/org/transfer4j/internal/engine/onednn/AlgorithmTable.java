package org.transfer4j.internal.engine.onednn;

import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;

/**
 * Which algorithm computes a convolution: fixed for instruction set and shape, never measured at run time, so that the
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
final class AlgorithmTable {
    private static final int LEAST_TILES = 8;
    private static final int LEAST_INPUTS = 16;
    private static final int LEAST_CHANNEL_PAIRS = 512;
    private static final int TILE = 4;
    private static final Extent WINOGRAD_KERNEL = new Extent(3, 3);

    private AlgorithmTable() {}

    /** The choice; where oneDNN has no Winograd for a shape after all, direct takes its place. */
    static Algorithm choose(InstructionSet instructionSet, Convolution convolution, int batch) {
        Filter filter = convolution.filter();
        boolean worthwhile = filter.inputsPerGroup() >= LEAST_INPUTS
                && (long) filter.inputsPerGroup() * filter.outputs() >= LEAST_CHANNEL_PAIRS
                && tiles(convolution.output().shape(), batch) >= LEAST_TILES;
        return hasWinograd(instructionSet, convolution) && worthwhile ? Algorithm.WINOGRAD : Algorithm.DIRECT;
    }

    /** Whether there is a choice at all. */
    static boolean hasWinograd(InstructionSet instructionSet, Convolution convolution) {
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
}
