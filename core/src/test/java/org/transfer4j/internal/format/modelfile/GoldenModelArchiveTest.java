package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.internal.dl4j.Dl4jJson;
import org.transfer4j.internal.format.MalformedModelException;

/**
 * The files in {@code golden/model} are what released versions wrote. They must load for ever: never replace one, add
 * one for each new version of the format.
 */
class GoldenModelArchiveTest {
    private static final String FORMAT_1 = "archive-format-1.t4j";
    private static final String FORMAT_2 = "archive-format-2.t4j";
    private static final String FORMAT_3 = "archive-format-3.t4j";

    @Test
    void loadsFormatVersion1() {
        ModelContents read = loads(FORMAT_1);

        ComputationGraph graph = new ComputationGraph(Dl4jJson.graph(golden(FORMAT_1), read.topology()));
        graph.init();
        assertThat(graph.numParams()).isEqualTo(54 + 2 + 72 + 3);
    }

    @Test
    void loadsFormatVersion2() throws MalformedModelException {
        ModelContents read = loads(FORMAT_2);
        ModelContents before = ModelArchive.read(golden(FORMAT_1), described -> {});

        assertThat(TopologyJson.read(read.topology(), read.network()))
                .isEqualTo(TopologyJson.read(before.topology(), before.network()));
    }

    @Test
    void loadsFormatVersion3() throws MalformedModelException {
        ModelContents read = loads(FORMAT_3);
        ModelContents before = ModelArchive.read(golden(FORMAT_2), described -> {});

        assertThat(read.topology()).isEqualTo(before.topology());
    }

    private static ModelContents loads(String golden) {
        Path file = golden(golden);

        ModelContents read = ModelArchive.read(file, described -> {});

        assertThat(read.libraryVersion()).isEqualTo("0.1.0");
        assertThat(read.backbone()).isEqualTo("tiny");
        assertThat(read.network().inputHeight()).isEqualTo(6);
        assertThat(read.network().inputWidth()).isEqualTo(8);
        assertThat(read.network().inputChannels()).isEqualTo(3);
        assertThat(read.network().cutVertex()).isEqualTo(Optional.of("pool"));
        assertThat(read.network().frozenLayers()).containsExactly("conv", "pool");
        assertThat(read.preprocessing()).isEqualTo(SampleModel.PREPROCESSING);
        assertThat(read.classNames()).isEqualTo(SampleModel.CLASS_NAMES);
        assertThat(read.history()).isEqualTo(SampleModel.HISTORY);
        assertThat(read.weights()).hasSize(4);
        SampleModel.weights()
                .forEach((name, array) -> assertThat(read.weights().get(name)).isEqualTo(array));
        return read;
    }

    @Test
    void writesTheSameBytesAgain(@TempDir Path folder) {
        Path copy = folder.resolve("copy.t4j");

        ModelArchive.write(copy, ModelArchive.read(golden(FORMAT_3), described -> {}));

        assertThat(copy).hasSameBinaryContentAs(golden(FORMAT_3));
    }

    private static Path golden(String name) {
        try {
            return Path.of(GoldenModelArchiveTest.class
                    .getResource("/golden/model/" + name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes the golden file of a new version of the format into the folder that is given. */
    public static void main(String[] arguments) {
        ModelArchive.write(
                Path.of(arguments[0]).resolve(FORMAT_3), ModelArchive.read(golden(FORMAT_2), described -> {}));
    }
}
