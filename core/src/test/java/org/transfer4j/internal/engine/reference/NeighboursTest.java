package org.transfer4j.internal.engine.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;
import org.transfer4j.testing.GoldenFiles;

/** Votes beside those that DINOv2's formula gives in PyTorch, see {@code neighbours_golden.py}. */
class NeighboursTest {
    private static final JsonNode GOLDEN = GoldenFiles.json("probe/neighbours.json");
    private static final INDArray FEATURES = GoldenFiles.array("probe/features.npy");
    private static final INDArray CLASSES = GoldenFiles.array("probe/labels.npy");
    private static final int VOTING = 200;

    private static ReferenceTrunk trunk(Op.Neighbours op, INDArray features, float... classes) {
        Network.Builder network = new Network.Builder("input", Shape.of(op.features()));
        network.add("votes", "votes", "NearestNeighbours", op, List.of("input"));
        Map<String, INDArray> parameters = Map.of(Op.WEIGHTS, features, Op.CLASSES, Nd4j.createFromArray(classes));
        return ReferenceTrunk.of(network.build("votes"), (node, parameter) -> parameters.get(parameter));
    }

    static Stream<JsonNode> cases() {
        return IntStream.range(0, GOLDEN.get("cases").size()).mapToObj(GOLDEN.get("cases")::get);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void votesAreThoseOfPyTorch(JsonNode expected) {
        int count = expected.get("count").asInt();
        INDArray voting = FEATURES.get(NDArrayIndex.interval(0, VOTING), NDArrayIndex.all());
        INDArray directions = voting.divColumnVector(voting.norm2(1));
        float[] classes = new float[VOTING];
        for (int i = 0; i < VOTING; i++) {
            classes[i] = CLASSES.getInt(i);
        }
        Op.Neighbours op = new Op.Neighbours(
                20, VOTING, 4, count, expected.get("temperature").asDouble());
        INDArray images = FEATURES.get(NDArrayIndex.interval(VOTING, 240), NDArrayIndex.all());
        INDArray votes = trunk(op, directions, classes).infer(images);
        assertThat(votes.shape()).containsExactly(40, 4);
        for (int i = 0; i < 40; i++) {
            for (int c = 0; c < 4; c++) {
                assertThat(votes.getDouble(i, c))
                        .isCloseTo(expected.get("probabilities").get(i).get(c).asDouble(), within(2e-5));
            }
        }
    }

    /** Of three images with the same cosine two may vote. */
    @Test
    void ofEqualImagesTheFirstVote() {
        INDArray same = Nd4j.createFromArray(new float[][] {{0, 1}, {1, 0}, {1, 0}, {1, 0}});
        INDArray votes = trunk(new Op.Neighbours(2, 4, 4, 2, 0.07), same, 0, 3, 1, 2)
                .infer(Nd4j.createFromArray(new float[][] {{5, 0}}));
        assertThat(votes.toFloatVector()).containsExactly(0, 0.5f, 0, 0.5f);
    }

    @Test
    void whatHasNoDirectionIsLikeAll() {
        INDArray two = Nd4j.createFromArray(new float[][] {{0, 1}, {1, 0}});
        INDArray votes = trunk(new Op.Neighbours(2, 2, 2, 2, 0.07), two, 0, 1)
                .infer(Nd4j.createFromArray(new float[][] {{0, 0}}));
        assertThat(votes.toFloatVector()).containsExactly(0.5f, 0.5f);
        INDArray lost = trunk(new Op.Neighbours(2, 2, 2, 1, 0.07), two, 0, 1).infer(Nd4j.createFromArray(new float[][] {
            {Float.NaN, 0}
        }));
        assertThat(lost.toFloatVector()).as("an answer is refused later").contains(Float.NaN);
    }

    @Test
    void whatIsNoVoteIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Op.Neighbours(2, 3, 2, 4, 0.07));
        assertThatIllegalArgumentException().isThrownBy(() -> new Op.Neighbours(2, 3, 2, 0, 0.07));
        assertThatIllegalArgumentException().isThrownBy(() -> new Op.Neighbours(2, 3, 2, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Op.Neighbours(2, 3, 2, 1, Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> new Op.Neighbours(1 << 16, 1 << 16, 2, 1, 0.07));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Op.Neighbours(2, 3, 2, 1, 0.07).shape(List.of(Shape.of(2, 1, 1))));
        for (float wrong : new float[] {-1, 2, 0.5f, Float.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Op.Neighbours(2, 1, 2, 1, 0.07).requireClasses(new float[] {wrong}))
                    .withMessageContaining("classes from 0 to 1, got " + wrong);
        }
    }

    @Test
    void votesHaveNoGradient() {
        Network.Builder network = new Network.Builder("input", Shape.of(2));
        network.add("votes", "votes", "NearestNeighbours", new Op.Neighbours(2, 3, 2, 1, 1), List.of("input"));
        assertThatThrownBy(() -> InputGradient.requireKnown(network.build("votes")))
                .isInstanceOf(UnsupportedGraphException.class)
                .hasMessageContaining("votes");
    }
}
