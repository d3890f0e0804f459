package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.engine.onednn.Operation.Convolution;
import org.transfer4j.internal.engine.onednn.Operation.Value;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

class PieceRuleTest {
    private static final long NO_LIMIT = 1L << 40;

    /** One convolution with as many weights as VGG16 has, for images of a size. */
    private static Program large(int size) {
        return network(1280, new Extent(3, 3), size);
    }

    private static Program network(int channels, Extent kernel, int size) {
        int weights = channels * channels * kernel.height() * kernel.width();
        Filter filter = new Filter(channels, channels, 1, kernel, new float[weights], new float[channels]);
        Value input = new Value(0, Shape.of(channels, size, size));
        Value output = new Value(1, Shape.of(channels, size, size));
        Window window =
                Window.same(kernel, Extent.ONE, Extent.ONE, input.shape().size());
        return new Program(
                input, List.of(new Convolution(input, filter, window, null, Activation.IDENTITY, output)), output);
    }

    @Test
    void aPieceOfAPassHasTheImagesThatItsWeightsAreWorthReadingFor() {
        assertThat(imagesOfAPiece(large(32), NO_LIMIT)).isEqualTo(2);
        assertThat(imagesOfAPiece(large(16), NO_LIMIT)).isEqualTo(8);
        assertThat(imagesOfAPiece(large(7), NO_LIMIT)).isEqualTo(32);
    }

    @Test
    void aPieceIsNoLargerThanABatchOrThanItsStepsMayBe() {
        assertThat(imagesOfAPiece(large(2), NO_LIMIT)).isEqualTo(32);
        assertThat(imagesOfAPiece(large(7), 5 * large(7).widestStepBytes())).isEqualTo(4);
        assertThat(imagesOfAPiece(large(7), 1)).isEqualTo(1);
    }

    private static int imagesOfAPiece(Program program, long widestStepBytes) {
        return new Piece.Rule(program, 2, widestStepBytes)
                .forPass(1)
                .get(0)
                .size()
                .batch();
    }

    @Test
    void smallWorkTakesOneThreadAndOneLargeImageTakesAll() {
        Piece.Rule small = new Piece.Rule(network(16, new Extent(3, 3), 32), 4, NO_LIMIT);
        Piece.Rule large = new Piece.Rule(large(32), 4, NO_LIMIT);

        assertThat(small.forAnswer(1)).containsExactly(new Piece(1, new Piece.Size(1, 1)));
        assertThat(large.forAnswer(1)).containsExactly(new Piece(1, new Piece.Size(1, 4)));
    }

    @Test
    void whereEachThreadHasAPieceAnAnswerIsCutLikeAPass() {
        Piece.Rule rule = new Piece.Rule(large(32), 4, NO_LIMIT);

        assertThat(rule.forAnswer(8)).isEqualTo(rule.forPass(8)).hasSize(4);
        assertThat(rule.forAnswer(9)).isEqualTo(rule.forPass(9)).hasSize(5);
        assertThat(rule.forAnswer(7))
                .allSatisfy(piece -> assertThat(piece.size().threads()).isEqualTo(4));
    }

    @Test
    void batchesAreBegunUntilEachThreadFindsAPiece() {
        assertThat(new Piece.Rule(large(7), 1, NO_LIMIT).batchesAtOnce(32)).isEqualTo(1);
        assertThat(new Piece.Rule(large(7), 3, NO_LIMIT).batchesAtOnce(32)).isEqualTo(6);
        assertThat(new Piece.Rule(large(32), 3, NO_LIMIT).batchesAtOnce(32)).isEqualTo(1);
    }

    @Property
    void everyImageIsComputedOnce(
            @ForAll @IntRange(min = 1, max = 500) int images,
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(min = 1, max = 9) int threads) {
        Piece.Rule rule = new Piece.Rule(network(64, new Extent(3, 3), size), threads, NO_LIMIT);

        assertThat(List.of(rule.forPass(images), rule.forAnswer(images))).allSatisfy(pieces -> {
            assertThat(pieces.stream().mapToInt(Piece::images).sum()).isEqualTo(images);
            assertThat(pieces)
                    .allMatch(piece -> piece.images() <= piece.size().batch())
                    .extracting(piece -> piece.size().threads())
                    .containsOnly(pieces.get(0).size().threads());
        });
    }
}
