package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.modelfile.ArchiveBuilding;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.format.modelfile.CheckpointArchive.CheckpointContents;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/**
 * One property of all parsers: whatever was done to a valid file, it is read or refused by the exceptions that are
 * documented, with less than a second of this thread's CPU and 256 MB.
 */
class ParserPropertyTest {
    private static final long MOST_NANOSECONDS = 1_000_000_000;
    private static final long MOST_BYTES = 256L << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String[] HOSTILE = {
        "-1",
        "0",
        "2147483647",
        "-2147483648",
        "9223372036854775807",
        "1e999",
        "null",
        "[]",
        "{}",
        "\"\"",
        "\"NaN\"",
        "[1000,0]"
    };

    /** Valid files by parser. */
    private static final Map<String, List<byte[]>> SEEDS = new LinkedHashMap<>();

    @BeforeContainer
    static void makeSeeds() throws IOException {
        Path folder = Files.createTempDirectory("parsers");
        Path model = folder.resolve("model.t4j");
        Path weights = folder.resolve("weights.safetensors");
        Path dl4j = folder.resolve("dl4j.zip");
        Path checkpoint = folder.resolve("checkpoint");
        Path ensemble = folder.resolve("ensemble.t4j");
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            classifier.save(model);
            try (ClassifierEnsemble twice = ClassifierEnsemble.of(classifier, classifier)) {
                twice.save(ensemble);
            }
            classifier.saveBackboneWeights(weights);
            ComputationGraph graph = classifier.toComputationGraph();
            ModelSerializer.writeModel(graph, dl4j.toFile(), false);
            CheckpointArchive.write(
                    checkpoint,
                    new CheckpointContents(
                            "1",
                            "plain",
                            "{\"a\":1}",
                            Map.of("b", graph.params().dup())));
            SEEDS.put("history", List.of(classifier.history().toJson().getBytes(StandardCharsets.UTF_8)));
        }
        SEEDS.put("modelFile", List.of(Files.readAllBytes(model)));
        SEEDS.put("ensembleFile", List.of(Files.readAllBytes(ensemble)));
        SEEDS.put("checkpoint", List.of(Files.readAllBytes(checkpoint)));
        SEEDS.put("dl4jGraph", List.of(Files.readAllBytes(dl4j)));
        SEEDS.put("weights", List.of(Files.readAllBytes(weights), Files.readAllBytes(dl4j), golden("mobile.h5")));
        SEEDS.put("kerasModel", List.of(golden("plain.keras"), golden("plain_keras2.h5"), golden("mobile.keras")));
        SEEDS.put(
                "encoder",
                List.of(OneHotLabelEncoder.fit(List.of("cat", "dog")).toJson().getBytes(StandardCharsets.UTF_8)));
        SEEDS.put("preprocessing", List.of(ImagePreprocessing.torch().toJson().getBytes(StandardCharsets.UTF_8)));
        // what is loaded once is not the parser's time, and valid files are read
        SEEDS.forEach((name, files) -> {
            for (byte[] file : files) {
                if (!name.equals("weights") || file == files.get(0)) {
                    parser(name).accept(file);
                }
            }
        });
    }

    private static byte[] golden(String name) throws IOException {
        return Files.readAllBytes(GoldenFiles.path("keras_models/" + name));
    }

    private static Consumer<byte[]> parser(String name) {
        return Objects.requireNonNull(Parsers.all().get(name), name);
    }

    /** Each takes one character or two of the text, and a hundred bytes in a tree. */
    @Example
    void manySmallValuesAreRefusedBeforeTheyAreATree() {
        String text = "[" + "[],".repeat(4 << 20) + "[]]";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (String name : List.of("history", "encoder", "preprocessing")) {
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            assertThatThrownBy(() -> parser(name).accept(bytes))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Token count");
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
                    .as("bytes of %s", name)
                    .isLessThan(MOST_BYTES);
        }
        assertThatThrownBy(() -> StrictJson.parse("topology.json", text))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("Token count");
    }

    @Property(tries = 150, shrinking = ShrinkingMode.OFF)
    void whatIsDamagedIsReadOrRefused(@ForAll long seed) {
        SEEDS.forEach((name, files) -> {
            Random random = new Random(seed);
            byte[] file = damaged(files.get(random.nextInt(files.size())), random);
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long started = THREADS.getCurrentThreadCpuTime();
            try {
                parser(name).accept(file);
            } catch (TransferException expected) {
                // as it should be
            } catch (IllegalArgumentException e) {
                assertThat(name).as("a text's reader, not a file's: %s", e).isIn("history", "encoder", "preprocessing");
            } catch (RuntimeException | Error e) {
                throw new AssertionError(name + " with seed " + seed + " throws " + e, e);
            }
            assertThat(THREADS.getCurrentThreadCpuTime() - started)
                    .as("nanoseconds of %s with seed %s", name, seed)
                    .isLessThan(MOST_NANOSECONDS);
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
                    .as("bytes of %s with seed %s", name, seed)
                    .isLessThan(MOST_BYTES);
        });
    }

    private static byte[] damaged(byte[] file, Random random) {
        boolean zip = file.length > 4 && file[0] == 'P' && file[1] == 'K';
        return zip && random.nextInt(4) > 0 ? damagedInside(file, random) : damagedBytes(file, random);
    }

    /** The archive is right with all its sums, and one entry is not. */
    private static byte[] damagedInside(byte[] file, Random random) {
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(file))) {
            Map<String, byte[]> entries = new LinkedHashMap<>();
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
            String chosen = List.copyOf(entries.keySet()).get(random.nextInt(entries.size()));
            entries.computeIfPresent(chosen, (name, bytes) -> damagedBytes(bytes, random));
            if (entries.containsKey("manifest.json")) {
                return ArchiveBuilding.rebuilt(entries);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream out = new ZipOutputStream(bytes)) {
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    out.putNextEntry(new ZipEntry(entry.getKey()));
                    out.write(entry.getValue());
                }
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] damagedBytes(byte[] file, Random random) {
        boolean json = file.length > 0 && file[0] == '{';
        if (json && random.nextInt(3) > 0) {
            return hostileValue(new String(file, StandardCharsets.UTF_8), random)
                    .getBytes(StandardCharsets.UTF_8);
        }
        if (random.nextInt(6) == 0) {
            return Arrays.copyOf(file, random.nextInt(file.length + 1));
        }
        byte[] damaged = file.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            // most of what a file says stands at its beginning
            int bound = random.nextBoolean() ? Math.min(file.length, 4096) : file.length;
            damaged[random.nextInt(bound)] = (byte) random.nextInt();
        }
        return damaged;
    }

    /** JSON in which the value of some property is another. */
    private static String hostileValue(String json, Random random) {
        int start = random.nextInt(json.length());
        int colon = json.indexOf(':', start);
        if (colon < 0) {
            return json.substring(0, start);
        }
        int end = colon + 1;
        int depth = 0;
        for (; end < json.length(); end++) {
            char c = json.charAt(end);
            if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
                break;
            }
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        }
        return json.substring(0, colon + 1) + HOSTILE[random.nextInt(HOSTILE.length)] + json.substring(end);
    }
}
