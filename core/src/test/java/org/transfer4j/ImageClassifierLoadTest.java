package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.format.modelfile.NetworkDescription;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** A file that can't be a classifier is refused by a {@link ModelFileException} that names it, whatever is wrong. */
class ImageClassifierLoadTest {
    @TempDir
    static Path shared;

    private static Path good;

    @TempDir
    Path folder;

    @BeforeAll
    static void save() {
        good = shared.resolve("good.t4j");
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            classifier.save(good);
        }
    }

    private static void assertRefused(Path file) {
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file.toString());
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        for (Path path : List.of(folder.resolve("none.t4j"), folder)) {
            assertThatThrownBy(() -> ImageClassifier.load(path))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(path.toString());
        }
    }

    @Test
    void aTextOrNothingIsNoModel() throws Exception {
        assertRefused(
                Files.writeString(folder.resolve("text.t4j"), "Once upon a time there was a model.\n".repeat(50)));
        assertRefused(Files.createFile(folder.resolve("empty.t4j")));
    }

    @Test
    void aTruncatedModelIsRefusedWhereverItEnds() throws Exception {
        byte[] bytes = Files.readAllBytes(good);
        for (int tenth = 1; tenth < 10; tenth++) {
            assertRefused(Files.write(folder.resolve(tenth + ".t4j"), Arrays.copyOf(bytes, bytes.length * tenth / 10)));
        }
        assertRefused(Files.write(folder.resolve("last.t4j"), Arrays.copyOf(bytes, bytes.length - 1)));
    }

    @Test
    void aFlippedBitIsFound() throws Exception {
        byte[] bytes = Files.readAllBytes(good);
        for (int tenth = 0; tenth < 10; tenth++) {
            byte[] damaged = bytes.clone();
            damaged[bytes.length * tenth / 10 + 10] ^= 4;
            assertRefused(Files.write(folder.resolve(tenth + ".t4j"), damaged));
        }
    }

    private record Change(UnaryOperator<ModelContents> operation) {}

    private static Change network(NetworkDescription other) {
        return new Change(c -> new ModelContents(
                c.libraryVersion(),
                c.backbone(),
                c.topology(),
                other,
                c.preprocessing(),
                c.classNames(),
                c.history(),
                c.weights()));
    }

    private static Change texts(String preprocessing, List<String> classNames, String history) {
        return new Change(c -> new ModelContents(
                c.libraryVersion(),
                c.backbone(),
                c.topology(),
                c.network(),
                preprocessing == null ? c.preprocessing() : preprocessing,
                classNames == null ? c.classNames() : classNames,
                history == null ? c.history() : history,
                c.weights()));
    }

    private static Change weights(UnaryOperator<Map<String, INDArray>> operation) {
        return new Change(c -> new ModelContents(
                c.libraryVersion(),
                c.backbone(),
                c.topology(),
                c.network(),
                c.preprocessing(),
                c.classNames(),
                c.history(),
                operation.apply(new LinkedHashMap<>(c.weights()))));
    }

    static Stream<Arguments> contradictions() {
        List<String> frozen = List.of("conv1", "pool1", "conv2", "pool2");
        return Stream.of(
                Arguments.of("no weights", weights(weights -> Map.of())),
                Arguments.of("weights missing", weights(weights -> {
                    weights.remove("conv2/W");
                    return weights;
                })),
                Arguments.of("weights renamed", weights(weights -> {
                    weights.put("conv9/W", weights.remove("conv2/W"));
                    return weights;
                })),
                Arguments.of("weights of another shape", weights(weights -> {
                    weights.put("conv1/W", Nd4j.zeros(8, 27));
                    return weights;
                })),
                Arguments.of(
                        "unknown cut",
                        network(new NetworkDescription(
                                16, 16, 3, Optional.of("x"), frozen, false, Precision.FLOAT32, Map.of()))),
                Arguments.of(
                        "cut at the end",
                        network(new NetworkDescription(
                                16, 16, 3, Optional.of("predictions"), frozen, false, Precision.FLOAT32, Map.of()))),
                Arguments.of(
                        "another size",
                        network(new NetworkDescription(
                                32, 32, 3, Optional.of("flatten"), frozen, false, Precision.FLOAT32, Map.of()))),
                Arguments.of(
                        "too small",
                        network(new NetworkDescription(
                                1, 1, 3, Optional.of("flatten"), frozen, false, Precision.FLOAT32, Map.of()))),
                Arguments.of("three classes", texts(null, List.of("a", "b", "c"), null)),
                Arguments.of("a class twice", texts(null, List.of("a", "a"), null)),
                Arguments.of("no preprocessing", texts("{}", null, null)),
                Arguments.of("another history", texts(null, null, "[1, 2]")));
    }

    /** The checksums are right, since whoever made the file computed them; the parts do not fit together. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("contradictions")
    void partsThatContradictEachOtherAreRefused(String what, Change change) {
        Path file = folder.resolve("forged.t4j");
        try {
            ModelArchive.write(file, change.operation().apply(ModelArchive.read(good, described -> {})));
        } catch (IllegalArgumentException refusedAlready) {
            return; // such a file can't even be written
        }
        assertRefused(file);
    }

    @Test
    void theFileItselfIsFine() {
        try (ImageClassifier classifier = ImageClassifier.load(good)) {
            assertThat(classifier.predict(Pictures.dataset(3))).hasSize(3);
        }
    }
}
