package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PieceTest {
    @Property
    void everyImageRunsOnceInAPlanThatHoldsIt(
            @ForAll @IntRange(min = 1, max = 2000) int images, @ForAll @IntRange(min = 0, max = 6) int largest) {
        int batch = Piece.BATCHES.get(largest);
        List<Piece> pieces = Piece.of(images, batch);

        assertThat(pieces.stream().mapToInt(Piece::images).sum()).isEqualTo(images);
        assertThat(pieces).allSatisfy(piece -> {
            assertThat(piece.images()).isBetween(1, piece.batch());
            assertThat(piece.batch()).isLessThanOrEqualTo(batch);
            assertThat(Piece.BATCHES).contains(piece.batch());
        });
        int padding = pieces.stream().mapToInt(Piece::batch).sum() - images;
        assertThat(padding).isLessThanOrEqualTo(Math.max(2, images / 4));
    }

    @Test
    void wholeBatchesAreNotPadded() {
        assertThat(Piece.of(128, 128)).containsExactly(new Piece(128, 128));
        assertThat(Piece.of(32, 8)).containsOnly(new Piece(8, 8)).hasSize(4);
        assertThat(Piece.of(96, 128)).containsExactly(new Piece(64, 64), new Piece(32, 32));
    }

    @Test
    void aSmallRestIsPaddedWhereThatIsCheaperThanAnotherPiece() {
        assertThat(Piece.of(2, 128)).containsExactly(new Piece(1, 1), new Piece(1, 1));
        assertThat(Piece.of(3, 128)).containsExactly(new Piece(3, 4));
        assertThat(Piece.of(5, 128)).containsExactly(new Piece(4, 4), new Piece(1, 1));
        assertThat(Piece.of(7, 128)).containsExactly(new Piece(7, 8));
        assertThat(Piece.of(127, 128)).containsExactly(new Piece(127, 128));
    }
}
