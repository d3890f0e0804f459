package org.transfer4j.internal.format.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.weights.NarrowVgg;
import org.transfer4j.testing.GoldenFiles;

/**
 * HDF5 files that name a part of themselves more than once: with names enough, a small one would be read into a heap of any
 * size, or inflated for hours.
 */
@Timeout(600)
class ForgedHdf5Test {
    private static Hdf5 open(String name) throws IOException {
        Path path = GoldenFiles.path("hdf5_layouts/" + name);
        try (FileChannel channel = FileChannel.open(path)) {
            return Hdf5.open(path, channel);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "forged_layer_twice.h5 | layer_names has each name once, but twice conv_a",
                "forged_array_twice.h5 | weight_names has each name once, but twice conv_a/kernel:0",
                "forged_two_groups.h5 | a group or array has one name, but one has two, /conv_a/ and /conv_b/",
                "forged_two_arrays.h5 | a group or array has one name, but one has two, /conv_a/conv_a/kernel:0 and"
                        + " /conv_a/conv_a/bias:0",
                "forged_two_groups.weights.h5 | a group or array has one name, but one has two, /layers/conv2d/ and"
                        + " /layers/conv2d_1/",
                "forged_two_arrays.weights.h5 | a group or array has one name, but one has two, /layers/conv2d/vars/0"
                        + " and /layers/conv2d/vars/1",
                "forged_circle.weights.h5 | a group or array has one name, but one has two, / and /layers/conv2d/again/",
            })
    void aPartWithTwoNamesIsRefused(String name, String reason) throws IOException {
        Hdf5 file = open(name);
        assertThatExceptionOfType(WeightsException.class)
                .isThrownBy(() -> KerasFile.layers(file))
                .withMessage(file.path() + ": is damaged: " + reason);
    }

    @Test
    void piecesInOnePlaceAreRefused() throws IOException {
        Hdf5 file = open("forged_pieces.h5");
        StoredArray kernel = KerasFile.layers(file).get(0).arrays().get(0);
        assertThatExceptionOfType(WeightsException.class)
                .isThrownBy(() -> kernel.read(1, 1, 4, 8))
                .withMessage(file.path() + ": is damaged: kernel:0: compressed pieces have places of their own, but"
                        + " together are larger than the file of 8667 bytes");
    }

    /** A model's weights are read once for its scaling and once for its layers. */
    @Test
    void readingAgainCountsNothingTwice() throws IOException {
        Path path = NarrowVgg.file("with_top.h5");
        try (FileChannel channel = FileChannel.open(path)) {
            Hdf5 file = Hdf5.open(path, channel);
            for (int time = 0; time < 5; time++) {
                List<StoredLayer> layers = KerasFile.layers(file);
                assertThat(layers).isNotEmpty();
                for (StoredLayer layer : layers) {
                    for (StoredArray array : layer.arrays()) {
                        assertThat(array.read(array.shape())).isNotEmpty();
                    }
                }
            }
        }
    }
}
