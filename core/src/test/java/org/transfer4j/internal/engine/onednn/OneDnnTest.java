package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.onednn.OneDnn.InstructionSet;
import org.transfer4j.internal.network.UnsupportedGraphException;

class OneDnnTest {
    @Test
    void itIsAvailableHere() throws Exception {
        assertThat(OneDnn.available()).as(OneDnn.problem().orElse("")).isTrue();
        assertThat(OneDnn.problem()).isEmpty();
        assertThat(answerOfAnotherProcess(entry -> true)).contains("available true Optional.empty");
    }

    @Test
    void withoutTheNativeLibraryItIsNotAndSaysWhy() throws Exception {
        String answer = answerOfAnotherProcess(entry -> !entry.matches(".*dnnl-[^/\\\\]*-(linux|windows|macosx)-.*"));

        assertThat(answer)
                .contains("available false")
                .contains("UnsatisfiedLinkError")
                .contains("IllegalStateException");
    }

    @Test
    void withoutItsClassesItIsNotAndSaysWhy() throws Exception {
        String answer = answerOfAnotherProcess(entry -> !entry.matches(".*dnnl-[^/\\\\]*\\.jar"));

        assertThat(answer).contains("available false").contains("NoClassDefFoundError");
    }

    @ParameterizedTest
    @CsvSource({
        "0x0, BASE",
        "0x1, BASE",
        "0x3, BASE",
        "0x7, AVX2",
        "0x407, AVX2",
        "0xF, AVX2",
        "0x27, AVX512",
        "0x67, AVX512",
        "0xE7, AVX512_BF16",
        "0x3E7, AVX512_AMX"
    })
    void instructionSetsAreReadFromTheMask(String mask, InstructionSet expected) {
        assertThat(InstructionSet.of(Integer.decode(mask))).isEqualTo(expected);
    }

    @Test
    void theirOrderIsThatOfWhatTheyInclude() {
        assertThat(InstructionSet.AVX512_AMX.includes(InstructionSet.AVX512_BF16))
                .isTrue();
        assertThat(InstructionSet.AVX512_BF16.includes(InstructionSet.AVX512_BF16))
                .isTrue();
        assertThat(InstructionSet.AVX512.includes(InstructionSet.AVX512_BF16)).isFalse();
        assertThat(InstructionSet.BASE.includes(InstructionSet.AVX2)).isFalse();
    }

    private static String answerOfAnotherProcess(Predicate<String> classPathEntries) throws Exception {
        return AnotherProcess.output(Question.class, classPathEntries);
    }

    /** What the other process does. */
    static final class Question {
        private Question() {}

        public static void main(String[] arguments) {
            System.out.println("available " + OneDnn.available() + " " + OneDnn.problem());
            try {
                TestGraph.compile(TestGraph.of(3, 8, 8).build(), new long[] {3, 8, 8}, Precision.FLOAT32);
            } catch (IllegalStateException | UnsupportedGraphException expected) {
                System.out.println(expected);
            }
        }
    }
}
