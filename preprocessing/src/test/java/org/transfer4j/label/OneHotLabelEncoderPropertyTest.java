package org.transfer4j.label;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.nd4j.linalg.api.ndarray.INDArray;

class OneHotLabelEncoderPropertyTest {
    /** Any text that was decoded, in any form. */
    @Provide
    Arbitrary<String> label() {
        return Arbitraries.strings().filter(text -> !text.contains("\uFFFD"));
    }

    private static String composed(String label) {
        return Normalizer.normalize(label, Normalizer.Form.NFC);
    }

    private static List<String> composed(List<String> labels) {
        return labels.stream().map(OneHotLabelEncoderPropertyTest::composed).toList();
    }

    @Property(tries = 200)
    void decodeUndoesEncode(@ForAll @Size(min = 1, max = 50) List<@From("label") String> labels) {
        OneHotLabelEncoder encoder = OneHotLabelEncoder.fit(labels);
        INDArray rows = encoder.encode(labels);
        assertThat(rows.shape()).containsExactly(labels.size(), encoder.size());
        assertThat(rows.sumNumber().intValue()).isEqualTo(labels.size());
        assertThat(encoder.decode(rows)).isEqualTo(composed(labels));
        assertThat(encoder.encode(composed(labels))).isEqualTo(rows);
    }

    @Property(tries = 200)
    void integersComeBackAsTheirText(@ForAll @NotEmpty @Size(max = 50) int[] labels) {
        OneHotLabelEncoder encoder = OneHotLabelEncoder.fit(labels);
        assertThat(encoder.decode(encoder.encode(labels)))
                .isEqualTo(IntStream.of(labels).mapToObj(Integer::toString).toList());
        assertThat(encoder.classNames().stream().mapToInt(Integer::parseInt))
                .containsExactly(
                        IntStream.of(labels).distinct().sorted().boxed().toArray(Integer[]::new));
    }

    @Property(tries = 200)
    void jsonKeepsClassesOrderAndPolicy(
            @ForAll @Size(min = 1, max = 50) Set<@From("label") String> names, @ForAll UnknownLabels policy) {
        List<String> different = names.stream()
                .map(OneHotLabelEncoderPropertyTest::composed)
                .distinct()
                .toList();
        OneHotLabelEncoder encoder = OneHotLabelEncoder.ofClassNames(different).withUnknown(policy);
        assertThat(OneHotLabelEncoder.fromJson(encoder.toJson())).isEqualTo(encoder);
    }

    @Property(tries = 200)
    void classesAreTheDistinctLabelsInAnOrderThatTheInputHasNoPartIn(@ForAll List<@From("label") String> labels) {
        List<String> sorted = OneHotLabelEncoder.sortedClasses(labels);
        List<String> reversed = IntStream.range(0, labels.size())
                .mapToObj(i -> labels.get(labels.size() - 1 - i))
                .toList();
        assertThat(new LinkedHashSet<>(sorted)).hasSameSizeAs(sorted).isEqualTo(Set.copyOf(composed(labels)));
        assertThat(OneHotLabelEncoder.sortedClasses(reversed)).isEqualTo(sorted);
    }
}
