package org.transfer4j.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.text.Normalizer;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.DatasetException;

class MultiHotLabelEncoderTest {
    /** The example of scikit-learn's MultiLabelBinarizer. */
    private final List<Set<String>> genres = List.of(Set.of("sci-fi", "thriller"), Set.of("comedy"), Set.of());

    private final MultiHotLabelEncoder encoder = MultiHotLabelEncoder.fit(genres);

    @Test
    void rowsAreThoseOfMultiLabelBinarizer() {
        assertThat(encoder.classNames()).containsExactly("comedy", "sci-fi", "thriller");
        assertThat(encoder.size()).isEqualTo(3);
        assertThat(encoder.encode(genres)).isEqualTo(Nd4j.createFromArray(new float[][] {{0, 1, 1}, {1, 0, 0}, {0, 0, 0}
        }));
        assertThat(encoder.classIndex("thriller")).isEqualTo(2);
    }

    @Test
    void decodingTakesWhatIsAboveTheThreshold() {
        INDArray probabilities = Nd4j.createFromArray(new double[][] {{0.9, 0.5, 0.51}, {0.1, 0.2, 0.3}});
        assertThat(encoder.decode(probabilities)).containsExactly(Set.of("comedy", "thriller"), Set.of());
        assertThat(encoder.decode(probabilities, 0.15))
                .containsExactly(Set.of("comedy", "sci-fi", "thriller"), Set.of("sci-fi", "thriller"));
    }

    @Property(tries = 50)
    void decodingUndoesEncoding(@ForAll @Size(min = 1, max = 6) List<@Size(max = 4) Set<Character>> sets) {
        List<Set<String>> labels = sets.stream()
                .map(set -> Set.copyOf(set.stream()
                        .filter(c -> c != '\uFFFD')
                        .map(c -> Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFC))
                        .toList()))
                .toList();
        if (labels.stream().anyMatch(set -> !set.isEmpty())) {
            MultiHotLabelEncoder fitted = MultiHotLabelEncoder.fit(labels);
            assertThat(fitted.decode(fitted.encode(labels))).isEqualTo(labels);
        }
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> encoder.encode(List.of(Set.of("western"))))
                .withMessageContaining("'western' is none of the 3 classes");
        assertThatIllegalArgumentException().isThrownBy(() -> encoder.encode(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> MultiHotLabelEncoder.fit(List.of(Set.<String>of())));
        assertThatIllegalArgumentException().isThrownBy(() -> encoder.decode(Nd4j.zeros(1, 2)));
        for (double threshold : new double[] {0, 1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.decode(Nd4j.zeros(1, 3), threshold))
                    .withMessageContaining("threshold");
        }
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> encoder.decode(Nd4j.createFromArray(new float[][] {{0, Float.NaN, 0}})))
                .withMessageContaining("NaN");
    }
}
