package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.internal.onednn.Operation.Convolution;
import org.transfer4j.internal.onednn.Operation.Pooling;

class FusionTest {
    @Test
    void aResidualBlockBecomesItsConvolutionsAlone() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6).convolution(8, 3, 1, Activation.RELU);
        String start = graph.last();
        graph.convolution(8, 3, 1, Activation.IDENTITY)
                .layer(new BatchNormalization())
                .layer(new ActivationLayer(Activation.RELU))
                .convolution(8, 3, 1, Activation.IDENTITY)
                .layer(new BatchNormalization());
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), graph.last(), start)
                .layer(new ActivationLayer(Activation.RELU));

        List<Operation> fused = fused(graph);

        assertThat(fused).hasSize(3).allMatch(Convolution.class::isInstance);
        assertThat(fused)
                .extracting(operation -> ((Convolution) operation).activation().isIdentity())
                .containsOnly(false);
        Convolution last = (Convolution) fused.get(2);
        assertThat(last.addend()).isEqualTo(fused.get(0).output());
    }

    @Test
    void ofTwoConvolutionsThatAreAddedTheLaterTakesTheOthersResult() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6);
        String left = graph.convolution(8, 3, 1, Activation.IDENTITY).last();
        String right =
                graph.from("input").convolution(8, 1, 1, Activation.IDENTITY).last();
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), left, right);

        List<Operation> fused = fused(graph);

        assertThat(fused).hasSize(2).allMatch(Convolution.class::isInstance);
        assertThat(((Convolution) fused.get(1)).addend()).isEqualTo(fused.get(0).output());
    }

    @Test
    void aResultThatIsReadTwiceStaysAsItIs() throws Exception {
        TestGraph graph = TestGraph.of(8, 6, 6).convolution(8, 3, 1, Activation.IDENTITY);
        String start = graph.last();
        String activated = graph.layer(new ActivationLayer(Activation.RELU)).last();
        graph.vertex(new ElementWiseVertex(ElementWiseVertex.Op.Add), start, activated);

        assertThat(fused(graph).stream().map(operation -> operation.getClass().getSimpleName()))
                .containsExactly("Convolution", "Elementwise", "Addition");
    }

    @Test
    void aNormalizationAfterAnActivationIsAConvolutionOfItsOwn() throws Exception {
        TestGraph graph = TestGraph.of(3, 6, 6)
                .convolution(8, 3, 1, Activation.RELU)
                .layer(new BatchNormalization())
                .layer(TestGraph.maximum(2, 2).build());

        List<Operation> fused = fused(graph);

        assertThat(fused).hasSize(3);
        assertThat(((Convolution) fused.get(1)).filter().groups()).isEqualTo(8);
        assertThat(fused.get(2)).isInstanceOf(Pooling.class);
    }

    private static List<Operation> fused(TestGraph graph) throws Exception {
        long[] shape = graph.inputShape();
        ImageShape image = new ImageShape((int) shape[0], (int) shape[1], (int) shape[2]);
        return Fusion.fuse(GraphReader.read(graph.build(), image)).operations();
    }
}
