package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.TransferLearner;
import org.transfer4j.head.Head;

class SparkFeaturesTest {
    @Test
    void learnsDigitsFromFiles(@TempDir Path folder) throws IOException {
        Path digits = SparkFeatures.digits(folder.resolve("digits"));
        Files.writeString(digits.resolve("7/notes.txt"), "no image");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SparkSession spark = LocalSpark.start()) {
            double accuracy = SparkFeatures.run(
                    spark,
                    TransferLearner.tinyVgg().inputSize(32, 32).head(Head.globalAveragePooling()),
                    digits.toString(),
                    folder.resolve("vectors.parquet").toString(),
                    new PrintStream(out, true, StandardCharsets.UTF_8));

            // chance is one in ten
            assertThat(accuracy).isGreaterThan(0.8);
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("Images: 1798, of which 1 can't be used")
                    .contains("7/notes.txt")
                    .contains(String.format(Locale.ROOT, "Accuracy: %.4f", accuracy));
        }
    }

    @Test
    void saysWhatItTakes() {
        assertThatThrownBy(() -> SparkFeatures.main(new String[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("VECTORS.parquet");
    }
}
