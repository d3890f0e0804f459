package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.transfer4j.testing.ChildProcess;

/** The library's first use in a process, on threads that the libraries below it would fail on for good. */
class FirstUseTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void prepare() throws Exception {
        FirstUseProcess.prepare(folder);
        Path keras = Path.of(FirstUseTest.class
                .getResource("/golden/keras_models/plain.keras")
                .toURI());
        Files.copy(keras, folder.resolve("model.keras"));
    }

    private static void assertWorks(String kinds, FirstUseProcess.Entry... entries) throws Exception {
        String names = Stream.of(entries).map(Enum::name).collect(Collectors.joining(","));
        try (ChildProcess process = new ChildProcess(FirstUseProcess.class, folder.toString(), kinds, names)) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < entries.length; i++) {
                lines.add(process.await("first "));
            }
            for (int i = 0; i < entries.length; i++) {
                lines.add(process.await("again "));
            }
            assertThat(lines).allMatch(line -> line.endsWith(" done"));
        }
    }

    /** As a common-pool thread in a Spring Boot jar has one. */
    @ParameterizedTest
    @EnumSource(FirstUseProcess.Entry.class)
    void aContextClassLoaderThatSeesNothing(FirstUseProcess.Entry entry) throws Exception {
        assertWorks("blind", entry);
    }

    @ParameterizedTest
    @EnumSource(
            value = FirstUseProcess.Entry.class,
            names = {"ONE_HOT", "FIT", "LEARNER_OF_KERAS"})
    void noContextClassLoader(FirstUseProcess.Entry entry) throws Exception {
        assertWorks("null", entry);
    }

    /** JavaCPP gives up unpacking a library then; each of these unpacks another one. */
    @ParameterizedTest
    @CsvSource({"ONE_HOT", "FOLDER", "FIT"})
    void anInterruptedThreadWithNothingUnpackedYet(FirstUseProcess.Entry entry) throws Exception {
        assertWorks("interrupted,cold", entry);
    }

    @Test
    void eightThreadsAtOnce() throws Exception {
        assertWorks(
                "blind",
                FirstUseProcess.Entry.ONE_HOT,
                FirstUseProcess.Entry.IMAGE,
                FirstUseProcess.Entry.BATCHES,
                FirstUseProcess.Entry.FOLDER,
                FirstUseProcess.Entry.FEATURES,
                FirstUseProcess.Entry.FIT,
                FirstUseProcess.Entry.LOAD,
                FirstUseProcess.Entry.LEARNER_OF_KERAS);
    }

    @Test
    void aPlatformWithoutNativesNamesTheirJars() throws Exception {
        Map<String, String> elsewhere = Map.of("JAVA_TOOL_OPTIONS", "-Dorg.bytedeco.javacpp.platform=linux-ppc64le");
        try (ChildProcess process =
                new ChildProcess(elsewhere, FirstUseProcess.class, folder.toString(), "blind", "ONE_HOT")) {
            for (String when : List.of("first ", "again ")) {
                assertThat(process.await(when))
                        .startsWith(when + "java.lang.IllegalStateException: ND4J does not start: the native part of"
                                + " [org.bytedeco:openblas, org.bytedeco:opencv, org.nd4j:nd4j-native] for this"
                                + " platform must be on the class path")
                        .contains("with the classifier linux-ppc64le");
            }
        }
    }

    @Test
    void noFolderForNativeLibrariesIsNoMissingDependency() throws Exception {
        try (ChildProcess process = new ChildProcess(FirstUseProcess.class, folder.toString(), "homeless", "ONE_HOT")) {
            for (String when : List.of("first ", "again ")) {
                assertThat(process.await(when))
                        .startsWith(when + "java.io.UncheckedIOException: the native part of ND4J can't be unpacked")
                        .contains(folder.resolve("model.t4j").toString())
                        .contains("-Dorg.bytedeco.javacpp.cachedir=<folder>");
            }
        }
    }
}
