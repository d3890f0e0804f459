package org.transfer4j.internal.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.internal.engine.onednn.AnotherProcess;

class NativeThreadsTest {
    @AfterEach
    void clear() {
        System.clearProperty(NativeThreads.PROPERTY);
    }

    private static int openMp() {
        Nd4j.getExecutioner();
        return NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
    }

    @Test
    void withoutThePropertyTheyAreNd4js() {
        assertThat(NativeThreads.wanted()).isEmpty();
        assertThat(NativeThreads.count())
                .isEqualTo(Math.min(
                        Nd4j.getEnvironment().maxMasterThreads(),
                        Runtime.getRuntime().availableProcessors()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", "", "1.5", "1025", "3000"})
    void otherThanWholeNumbersFromOneAreRefused(String value) {
        System.setProperty(NativeThreads.PROPERTY, value);

        assertThatIllegalArgumentException()
                .isThrownBy(NativeThreads::applyToNd4j)
                .withMessage("transfer4j.threads must be a whole number from 1 to 1024, got " + value);
    }

    @Test
    void workHasTheNumberAndTheThreadItsOwnAfterwards() {
        int before = openMp();

        assertThat(NativeThreads.with(before + 1, NativeThreadsTest::openMp)).isEqualTo(before + 1);

        assertThat(openMp()).isEqualTo(before);
        assertThatIllegalStateException()
                .isThrownBy(() -> NativeThreads.with(before + 1, () -> {
                    throw new IllegalStateException();
                }));
        assertThat(openMp()).isEqualTo(before);
    }

    @Test
    void thePropertyIsForNd4jToo() throws Exception {
        String output = AnotherProcess.output(
                Question.class, entry -> true, Map.of(), "-Xmx512m", "-D" + NativeThreads.PROPERTY + "=1");

        assertThat(output).contains("threads 1 1 1 1");
    }

    @Test
    void aContainersQuotaIsForNd4jToo() throws Exception {
        String output = AnotherProcess.output(
                Question.class, entry -> true, Map.of(), "-Xmx512m", "-XX:ActiveProcessorCount=1");

        assertThat(output).contains("threads 1 1 1 1");
    }

    @Test
    void thePropertyGoesBeforeTheQuota() throws Exception {
        String output = AnotherProcess.output(
                Question.class,
                entry -> true,
                Map.of(),
                "-Xmx512m",
                "-XX:ActiveProcessorCount=1",
                "-D" + NativeThreads.PROPERTY + "=3");

        assertThat(output).contains("threads 3 ");
    }

    /** What the other process does. */
    static final class Question {
        private Question() {}

        public static void main(String[] arguments) {
            NativeThreads.applyToNd4j();
            System.out.println("threads " + NativeThreads.count() + " "
                    + Nd4j.getEnvironment().maxMasterThreads() + " "
                    + Nd4j.factory().blas().getMaxThreads() + " " + openMp());
        }
    }
}
