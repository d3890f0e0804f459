package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.Explanation;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Attention rollout beside PyTorch's, see {@code attention_golden.py}. */
class AttentionRolloutTest {
    private static final INDArray IMAGES = Goldens.images();

    private static ImageClassifier classifier(String name) {
        return TransferLearner.of(Goldens.model(name).backbone(ImagePreprocessing.none()))
                .epochs(1)
                .fit(ImageDataset.of(IMAGES, List.of("a", "b", "a", "b")));
    }

    private static void assertGolden(ImageClassifier classifier, String name) {
        INDArray expected = Goldens.array(name + "_rollout.npy");
        for (int i = 0; i < 4; i++) {
            Explanation why = classifier.explainer().attentionRollout().explain(IMAGES.slice(i));
            INDArray map = why.map();
            assertThat(map.shape()).containsExactly(4, 4);
            for (int place = 0; place < 16; place++) {
                assertThat(map.getDouble(place / 4, place % 4))
                        .isCloseTo(expected.getDouble(i, place / 4, place % 4), within(1e-4));
            }
            assertThat(why.heat().shape()).containsExactly(32, 32);
        }
    }

    /** With a class token, with registers beside it, and with patches alone; also from a file. */
    @ParameterizedTest
    @ValueSource(strings = {"vit_tokens", "vit_registers", "siglip"})
    void isThatOfPyTorch(String name, @TempDir Path folder) {
        int open = SharedSession.count();
        try (ImageClassifier classifier = classifier(name)) {
            assertGolden(classifier, name);
            classifier.save(folder.resolve("model.t4j"));
        }
        try (ImageClassifier loaded = ImageClassifier.load(folder.resolve("model.t4j"))) {
            assertGolden(loaded, name);
        }
        assertThat(SharedSession.count())
                .as("sessions are closed with their classifiers")
                .isEqualTo(open);
    }

    @Test
    void tellsPlacesWhereTheModelGivesOneVector() {
        try (ImageClassifier classifier = classifier("vit_pooled")) {
            assertGolden(classifier, "vit_tokens");
        }
    }

    @Test
    void isTheSameForEachClass() {
        try (ImageClassifier classifier = classifier("vit_tokens")) {
            INDArray image = IMAGES.slice(1);
            Explanation a = classifier.explainer().label("a").attentionRollout().explain(image);
            Explanation b = classifier.explainer().attentionRollout().label("b").explain(image);
            assertThat(a.map()).isEqualTo(b.map());
            assertThat(a.label()).isEqualTo("a");
            assertThat(b.probability()).isCloseTo(1 - a.probability(), within(1e-6));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> classifier.explainer().attentionRollout().layer("onnx"))
                    .withMessageContaining("layer(\"onnx\") has no part in it");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "convnext, 'convnext has no attention with a softmax of its own: export a transformer without fused attention'",
        "vit_fused, 'vit_fused has fused attention, whose softmax is no node: export a transformer'",
        "swin, 'swin has no attention between all patches of an image, but perhaps within windows'",
    })
    void saysWhyItCanNot(String name, String reason) {
        int open = SharedSession.count();
        try (ImageClassifier classifier = classifier(name)) {
            assertThatThrownBy(() -> classifier.explainer().attentionRollout())
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageStartingWith(reason);
        }
        assertThat(SharedSession.count()).isEqualTo(open);
    }

    @Test
    void networksOfThisLibraryHaveNoAttention() {
        try (ImageClassifier classifier = TransferLearner.tinyVgg()
                .inputSize(32, 32)
                .epochs(1)
                .fit(ImageDataset.of(IMAGES.mul(20).addi(128), List.of("a", "b", "a", "b")))) {
            assertThatThrownBy(() -> classifier.explainer().attentionRollout())
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("tinyvgg has no attention");
        }
    }
}
