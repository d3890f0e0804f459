package org.transfer4j.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/**
 * A stage in a folder: {@code metadata/part-00000}, a line of JSON as Spark ML's own stages have it (class, uid, parameters),
 * so that pipelines find it; and {@code network.t4j}.
 */
final class StoredStage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String METADATA = "metadata/part-00000";
    private static final String NETWORK = "network.t4j";

    /** The parameter that says where a network was read: what is written has the network itself. */
    private static final String EXTRACTOR = "extractor";

    private StoredStage() {}

    /** Writes one. */
    static final class Writer extends MLWriter {
        private final PipelineStage stage;
        private final NetworkFile file;

        Writer(PipelineStage stage, NetworkFile file) {
            this.stage = stage;
            this.file = file;
        }

        @Override
        public void saveImpl(String path) {
            Configuration configuration = sparkSession().sessionState().newHadoopConf();
            try {
                write(new Path(path, NETWORK), configuration, file.bytes());
                write(new Path(path, METADATA), configuration, (metadata() + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException("can't write " + path + ": " + e.getMessage(), e);
            }
        }

        private static void write(Path path, Configuration configuration, byte[] bytes) throws IOException {
            FileSystem system = path.getFileSystem(configuration);
            try (OutputStream out = system.create(path, true)) {
                out.write(bytes);
            }
        }

        private String metadata() throws IOException {
            ObjectNode metadata = JSON.createObjectNode();
            metadata.put("class", stage.getClass().getName());
            metadata.put("timestamp", System.currentTimeMillis());
            metadata.put("sparkVersion", sparkSession().version());
            metadata.put("uid", stage.uid());
            ObjectNode set = metadata.putObject("paramMap");
            for (Param<?> param : stage.params()) {
                put(set, param);
            }
            metadata.putObject("defaultParamMap"); // defaults are the class's
            metadata.put("sha256", file.sha256());
            return JSON.writeValueAsString(metadata);
        }

        private <T> void put(ObjectNode values, Param<T> param) throws IOException {
            if (stage.isSet(param) && !param.name().equals(EXTRACTOR)) {
                values.set(param.name(), JSON.readTree(param.jsonEncode(stage.getOrDefault(param))));
            }
        }
    }

    /** Reads one. */
    static final class Reader<T extends PipelineStage> extends MLReader<T> {
        private final Class<T> type;
        private final ProcessNetwork.Kind kind;
        private final BiFunction<String, NetworkFile, T> made;

        Reader(Class<T> type, ProcessNetwork.Kind kind, BiFunction<String, NetworkFile, T> made) {
            this.type = type;
            this.kind = kind;
            this.made = made;
        }

        @Override
        public T load(String path) {
            Configuration configuration = sparkSession().sessionState().newHadoopConf();
            try {
                JsonNode metadata = JSON.readTree(read(new Path(path, METADATA), configuration));
                String written = metadata.path("class").asText();
                if (!written.equals(type.getName())) {
                    throw new IllegalArgumentException(
                            path + " must hold a " + type.getName() + ", but holds a " + written);
                }
                NetworkFile file = new NetworkFile(kind, read(new Path(path, NETWORK), configuration));
                if (!file.sha256().equals(metadata.path("sha256").asText())) {
                    throw new IllegalArgumentException(path + " is damaged: the SHA-256 of " + NETWORK + " must be "
                            + metadata.path("sha256").asText() + ", but is " + file.sha256());
                }
                T stage = made.apply(metadata.path("uid").asText(), file);
                metadata.path("paramMap").properties().stream()
                        .filter(value -> !value.getKey().equals(EXTRACTOR))
                        .forEach(value -> {
                            Param<Object> param = stage.getParam(value.getKey());
                            stage.set(param, param.jsonDecode(value.getValue().toString()));
                        });
                return stage;
            } catch (IOException e) {
                throw new UncheckedIOException("can't read " + path + ": " + e.getMessage(), e);
            }
        }

        private static byte[] read(Path path, Configuration configuration) throws IOException {
            try (InputStream in = path.getFileSystem(configuration).open(path)) {
                return in.readAllBytes();
            }
        }
    }
}
