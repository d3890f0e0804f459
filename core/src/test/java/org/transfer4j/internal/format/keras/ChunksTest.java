package org.transfer4j.internal.format.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.api.dataset.ChunkedDataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.weights.NarrowVgg;
import org.transfer4j.internal.weights.Shapes;
import org.transfer4j.internal.weights.WeightsLoader;

class ChunksTest {
    private static final String DATASET = "/block5_conv3/block5_conv3_W_1:0";

    @TempDir
    Path folder;

    /** Replaces the first compressed piece of a dataset in a golden file. */
    private Path forged(byte[] stream) throws IOException {
        byte[] file = Files.readAllBytes(NarrowVgg.file("with_top.h5"));
        byte[] piece;
        try (HdfFile hdf = HdfFile.fromBytes(file.clone())) {
            ByteBuffer raw = ((ChunkedDataset) hdf.getDatasetByPath(DATASET)).getRawChunkBuffer(new int[4]);
            piece = new byte[raw.remaining()];
            raw.get(piece);
        }
        assertThat(stream.length).isLessThanOrEqualTo(piece.length);
        int at = text(file).indexOf(text(piece));
        System.arraycopy(stream, 0, file, at, stream.length);
        return Files.write(folder.resolve("forged.h5"), file);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] deflated(int zeros) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        deflater.setInput(new byte[zeros]);
        deflater.finish();
        byte[] buffer = new byte[zeros + 100];
        byte[] stream = Arrays.copyOf(buffer, deflater.deflate(buffer));
        deflater.end();
        return stream;
    }

    private static void load(Path file) {
        WeightsLoader.load(Weights.file(file), Optional.empty(), Shapes.network(NarrowVgg.shapes()));
    }

    @Test
    void aPieceThatInflatesToMoreThanItSaysIsDamage() throws IOException {
        Path file = forged(deflated(100_000));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is damaged")
                .hasMessageContaining("a compressed piece is not of ");
    }

    @Test
    void aPieceThatInflatesToLessThanItSaysIsDamage() throws IOException {
        Path file = forged(deflated(10));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("a compressed piece is of 10 bytes, expected ");
    }

    @Test
    void aPieceThatIsNoneIsDamage() throws IOException {
        Path file = forged(new byte[] {1, 2, 3, 4});
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("a compressed piece can't be inflated");
    }
}
