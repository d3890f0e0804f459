package org.transfer4j.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Test;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.TinyBackbones;

class BackboneTest {
    private static final Topology TOPOLOGY = TinyBackbones.plain().topology();

    @Test
    void vgg16IsDescribedAsInTheJavadoc() {
        Backbone vgg16 = Backbone.vgg16();
        assertThat(vgg16.name()).isEqualTo("vgg16");
        assertThat(vgg16.inputHeight()).isEqualTo(224);
        assertThat(vgg16.inputWidth()).isEqualTo(224);
        assertThat(vgg16.minimumSize()).isEqualTo(32);
        assertThat(vgg16.preprocessing()).isEqualTo(ImagePreprocessing.caffe());
        assertThat(vgg16.pretrainedWeights()).hasValue(KerasApplications.VGG16);
        assertThat(vgg16.lastLayer()).isEmpty();
        assertThat(vgg16).hasToString("vgg16");
    }

    @Test
    void vgg16HasKerasLayerNames() {
        ComputationGraphConfiguration graph = Backbone.vgg16().topology().configure(32, 48);
        int[] convolutions = {2, 2, 3, 3, 3};
        List<String> expected = IntStream.rangeClosed(1, 5)
                .boxed()
                .flatMap(block -> Stream.concat(
                        IntStream.rangeClosed(1, convolutions[block - 1]).mapToObj(i -> "block" + block + "_conv" + i),
                        Stream.of("block" + block + "_pool")))
                .toList();
        assertThat(graph.getVertices().keySet()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(graph.getNetworkOutputs()).containsExactly("block5_pool");
        assertThat(graph.getVertices().values().stream()
                        .mapToLong(vertex -> vertex.numParams(true))
                        .sum())
                .isEqualTo(14_714_688);
    }

    @Test
    void oneOfYourOwnHasTheDefaultsOfTheBuilder() {
        Backbone own = Backbone.builder("own", TOPOLOGY).build();
        assertThat(own.inputHeight()).isEqualTo(224);
        assertThat(own.inputWidth()).isEqualTo(224);
        assertThat(own.minimumSize()).isEqualTo(1);
        assertThat(own.preprocessing()).isEqualTo(ImagePreprocessing.unit());
        assertThat(own.pretrainedWeights()).isEmpty();
        assertThat(own.topology()).isSameAs(TOPOLOGY);
    }

    @Test
    void endingItEarlyKeepsTheRestOfTheDescription() {
        Backbone early = Backbone.vgg16().upTo("block2_pool");
        assertThat(early.lastLayer()).hasValue("block2_pool");
        assertThat(early).hasToString("vgg16 up to block2_pool");
        assertThat(early.minimumSize()).isEqualTo(32);
        assertThat(early.preprocessing()).isEqualTo(ImagePreprocessing.caffe());
        assertThat(early.pretrainedWeights()).isPresent();
        assertThat(early.upTo("block1_pool").lastLayer()).hasValue("block1_pool");
        assertThat(Backbone.vgg16().lastLayer()).isEmpty();
    }

    @Test
    void aBuilderRefusesWhatCanNotBe() {
        Backbone.Builder builder = Backbone.builder("own", TOPOLOGY);
        assertThatIllegalArgumentException().isThrownBy(() -> Backbone.builder(" ", TOPOLOGY));
        assertThatNullPointerException().isThrownBy(() -> Backbone.builder("own", null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.inputSize(0, 5))
                .withMessage("an input is 1x1 or larger, got 0x5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.minimumSize(0))
                .withMessage("the minimum size is 1 or more, got 0");
        assertThatNullPointerException().isThrownBy(() -> builder.preprocessing(null));
        assertThatNullPointerException().isThrownBy(() -> builder.pretrained(null));
        assertThatNullPointerException().isThrownBy(() -> Backbone.vgg16().upTo(null));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.inputSize(20, 40).minimumSize(32).build())
                .withMessage("the default input size of own is 20x40, under its minimum of 32x32");
    }
}
