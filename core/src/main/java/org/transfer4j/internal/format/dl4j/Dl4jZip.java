package org.transfer4j.internal.format.dl4j;

import static org.transfer4j.internal.format.dl4j.Dl4jZip.CONFIGURATION;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.ArrayLayout;
import org.transfer4j.internal.format.LayerShapes;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StoredLayer;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.ZipContents;

/**
 * The zip that DL4J writes of a network, with {@code ModelSerializer}: {@code configuration.json} and
 * {@code coefficients.bin}, all parameters in one row. The JSON is read as plain data, no class that it names is
 * loaded; updater state, normalizer and preprocessor are not read at all.
 */
public final class Dl4jZip {
    static final String CONFIGURATION = "configuration.json";

    private Dl4jZip() {}

    /** Whether an archive is one. */
    public static boolean isOne(ZipContents zip) {
        return zip.has(CONFIGURATION) && zip.has(Dl4jCoefficients.NAME);
    }

    /** Reads names and shapes. */
    public static WeightsFile read(ZipContents zip) throws IOException {
        List<Dl4jLayer> described = layers(zip);
        long total = described.stream().mapToLong(Dl4jLayer::size).reduce(0, Math::addExact);
        Dl4jRow row = Dl4jRow.open(zip, total);
        if (total != row.length()) {
            throw new WeightsException(
                    zip.path(),
                    "holds " + row.length() + " parameters, its layers have " + total
                            + "; layers of kinds that have others are not read");
        }
        List<StoredLayer> layers = new ArrayList<>();
        long start = 0;
        for (Dl4jLayer layer : described) {
            if (layer.size() > 0) {
                layers.add(new StoredLayer(layer.name(), true, "", layer.arrays(zip.path(), row, start)));
            }
            start += layer.size();
        }
        return new WeightsFile(zip.path(), new OwnLayout(), layers, List.of(), Map.of(), () -> {
            row.close();
            zip.channel().close();
        });
    }

    private static List<Dl4jLayer> layers(ZipContents zip) throws IOException {
        byte[] bytes = zip.bytes(CONFIGURATION, StrictJson.LARGEST);
        try {
            JsonNode root = StrictJson.parse(CONFIGURATION, StrictJson.decode(CONFIGURATION, bytes));
            return Configuration.layers(root);
        } catch (MalformedModelException e) {
            throw new WeightsException(zip.path(), e.reason(), e);
        }
    }

    /** DL4J's own layout. */
    private static final class OwnLayout implements ArrayLayout {
        @Override
        public String owner() {
            return "DL4J";
        }

        @Override
        public long[] kernelShape(LayerShapes layer) {
            return layer.kernel().clone();
        }

        @Override
        public float[] kernelToDl4j(LayerShapes layer, float[] stored) {
            return stored;
        }
    }

    /** DL4J's JSON of a network, as far as it tells which parameters there are, and in which order. */
    private static final class Configuration {
        private static final String ORDER = "topologicalOrderStr";
        private static final String LAYERS = "confs";

        private Configuration() {}

        /** The layers of a ComputationGraph or a MultiLayerNetwork in the order of their parameters. */
        static List<Dl4jLayer> layers(JsonNode root) throws MalformedModelException {
            List<Dl4jLayer> layers = new ArrayList<>();
            if (root.path(LAYERS).isArray()) {
                for (JsonNode layer : root.path(LAYERS)) {
                    JsonNode name = unwrapped(layer).path("layerName");
                    layers.add(layer(name.isTextual() ? name.textValue() : "layer" + layers.size(), layer));
                }
            } else {
                for (String vertex : order(root)) {
                    JsonNode layer = root.path("vertices").path(vertex).path("layerConf");
                    if (layer.isObject()) {
                        layers.add(layer(vertex, layer));
                    }
                }
            }
            return layers;
        }

        private static List<String> order(JsonNode root) throws MalformedModelException {
            if (!root.path("vertices").isObject()) {
                throw new MalformedModelException(
                        CONFIGURATION + " is no network of DL4J: it has neither vertices nor " + LAYERS);
            }
            if (!root.path(ORDER).isArray()) {
                throw new MalformedModelException(CONFIGURATION + " has no " + ORDER
                        + ", without which the order of the parameters is not known; load the network with DL4J"
                        + " 1.0.0-M2.1 and save it again");
            }
            List<String> order = StrictJson.texts(CONFIGURATION, root, ORDER);
            Set<String> vertices = new HashSet<>();
            for (String vertex : order) {
                if (!vertices.add(vertex)) {
                    throw new MalformedModelException(CONFIGURATION + ": " + ORDER + " has " + vertex + " twice");
                }
            }
            return order;
        }

        private static Dl4jLayer layer(String name, JsonNode conf) throws MalformedModelException {
            JsonNode layer = unwrapped(conf);
            return Dl4jLayer.of(
                    name, className(layer), layer, !conf.path("variables").isEmpty());
        }

        private static JsonNode unwrapped(JsonNode conf) {
            JsonNode layer = conf.path("layer");
            while (isWrapper(className(layer))) {
                layer = layer.path("layer").isObject() ? layer.path("layer") : layer.path("underlying");
            }
            return layer;
        }

        private static boolean isWrapper(String className) {
            return className.equals("FrozenLayer") || className.equals("FrozenLayerWithBackprop");
        }

        /** The class' name without its package; empty where there is none. */
        private static String className(JsonNode layer) {
            String name = layer.path("@class").asText();
            return name.substring(name.lastIndexOf('.') + 1);
        }
    }
}
