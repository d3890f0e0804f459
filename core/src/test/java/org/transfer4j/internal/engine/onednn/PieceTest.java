package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PieceTest {
    @Property
    void everyImageRunsOnceInAPlanThatHoldsIt(
            @ForAll @IntRange(min = 1, max = 2000) int images,
            @ForAll @IntRange(min = 0, max = 7) int largest,
            @ForAll @IntRange(min = 1, max = 3) int threads) {
        int batch = Piece.SIZES.get(largest);
        List<Piece> pieces = Piece.of(images, batch, threads);

        assertThat(pieces.stream().mapToInt(Piece::images).sum()).isEqualTo(images);
        assertThat(pieces).allSatisfy(piece -> {
            assertThat(piece.images()).isBetween(1, piece.size().batch());
            assertThat(piece.size().batch()).isLessThanOrEqualTo(batch);
            assertThat(piece.size().threads()).isEqualTo(threads);
            assertThat(Piece.SIZES).contains(piece.size().batch());
        });
        int padding = pieces.stream().mapToInt(piece -> piece.size().batch()).sum() - images;
        assertThat(padding).isLessThanOrEqualTo(Math.max(2, images / 4));
    }

    @Test
    void wholeBatchesAreNotPadded() {
        assertThat(Piece.of(128, 128, 2)).containsExactly(piece(128, 128));
        assertThat(Piece.of(32, 8, 2)).containsOnly(piece(8, 8)).hasSize(4);
        assertThat(Piece.of(96, 128, 2)).containsExactly(piece(64, 64), piece(32, 32));
    }

    @Test
    void aSmallRestIsPaddedWhereThatIsCheaperThanAnotherPiece() {
        assertThat(Piece.of(2, 128, 2)).containsExactly(piece(1, 1), piece(1, 1));
        assertThat(Piece.of(2, 2, 2)).containsExactly(piece(1, 1), piece(1, 1));
        assertThat(Piece.of(3, 128, 2)).containsExactly(piece(3, 4));
        assertThat(Piece.of(5, 128, 2)).containsExactly(piece(4, 4), piece(1, 1));
        assertThat(Piece.of(7, 128, 2)).containsExactly(piece(7, 8));
        assertThat(Piece.of(127, 128, 2)).containsExactly(piece(127, 128));
    }

    private static Piece piece(int images, int batch) {
        return new Piece(images, new Piece.Size(batch, 2));
    }
}
