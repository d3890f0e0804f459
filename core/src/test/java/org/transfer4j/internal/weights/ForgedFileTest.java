package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.WeightsException;

/** Files that are no weights, or damaged ones: the answer is always a {@link WeightsException}, and soon. */
@Timeout(120)
class ForgedFileTest {
    @TempDir
    Path folder;

    private static void load(Path file) {
        WeightsLoader.load(Weights.file(file), Optional.empty(), Shapes.network(NarrowVgg.shapes()));
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("forged.h5"), bytes);
    }

    static Stream<Arguments> foreignFiles() {
        return Stream.of(
                arguments("", "it is empty"),
                arguments("<!DOCTYPE html><html>", "it is a web page"),
                arguments("version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
                arguments("Just a few words.", "it is a text file"),
                arguments("PK\3\4......", "its zip directory can't be read"),
                arguments("\u001f\u008b......", "it is compressed with gzip"),
                arguments("\u0080\2......", "a Python pickle"),
                arguments("\1\0\0\0\0\0\0\0{\"x\":1}", "safetensors"),
                arguments("\1\2\3", "begins with the bytes 010203"));
    }

    @ParameterizedTest
    @MethodSource("foreignFiles")
    void saysWhatAForeignFileLooksLike(String content, String description) throws IOException {
        Path file = write(content.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("forged.h5: is ")
                .hasMessageContaining(description);
    }

    @Test
    void saysThatThereIsNoFile() {
        assertThatThrownBy(() -> load(folder.resolve("nowhere.h5")))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> load(folder))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is not a file");
    }

    @Test
    void saysThatAFileIsTruncated() throws IOException {
        byte[] whole = Files.readAllBytes(NarrowVgg.file("official_layout_notop.h5"));
        Path file = write(Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is truncated: it is of 89,247 bytes and should be of 89,248");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "official_layout_notop.h5",
                "with_top.h5",
                "legacy_full_model.h5",
                "keras3_with_head.weights.h5",
                "other_network.h5"
            })
    void survivesTruncationAnywhere(String name) throws IOException {
        byte[] whole = Files.readAllBytes(NarrowVgg.file(name));
        Random random = new Random(11);
        for (int i = 0; i < 30; i++) {
            byte[] truncated = Arrays.copyOf(whole, random.nextInt(whole.length));
            assertThatThrownBy(() -> load(write(truncated))).isInstanceOf(WeightsException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "official_layout_notop.h5",
                "with_top.h5",
                "legacy_full_model.h5",
                "keras3_with_head.weights.h5",
                "wrong_shape.h5"
            })
    void survivesChangedBytesAnywhere(String name) throws IOException {
        byte[] whole = Files.readAllBytes(NarrowVgg.file(name));
        Random random = new Random(13);
        for (int i = 0; i < 150; i++) {
            byte[] changed = whole.clone();
            int count = 1 + random.nextInt(40);
            for (int change = 0; change < count; change++) {
                // structure is dense at the beginning and rare further on
                int bound = random.nextBoolean() ? Math.min(4096, changed.length) : changed.length;
                byte[] candidates = {0, (byte) 0xFF, 0x7F, (byte) random.nextInt(256)};
                changed[random.nextInt(bound)] = candidates[random.nextInt(candidates.length)];
            }
            Path file = write(changed);
            try {
                load(file);
            } catch (WeightsException expected) {
                // as it should be
            }
        }
    }
}
