package org.transfer4j.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.preprocessing.ImagePreprocessing;

class OnnxAsBackboneTest {
    @Test
    void learnsDigitsFromAModel(@TempDir Path folder) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        double accuracy = OnnxAsBackbone.run(
                Goldens.model("keras_nhwc").backbone(ImagePreprocessing.unit()),
                SampleDatasets.digits().shuffle(1).limit(400),
                folder.resolve("digits.t4j"),
                new PrintStream(out, true, StandardCharsets.UTF_8));

        // chance is one in ten; the network has random weights
        assertThat(accuracy).isGreaterThan(0.5);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("onnx (ONNX)")
                .contains(String.format(Locale.ROOT, "Accuracy: %.4f", accuracy));
    }

    @Test
    void saysWhatItTakes() {
        assertThatThrownBy(() -> OnnxAsBackbone.main(new String[] {"model.onnx"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MODEL.onnx");
    }
}
