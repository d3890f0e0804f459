package org.transfer4j.internal.format.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.transfer4j.error.WeightsException;
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
        return new WeightsFile(zip.path(), new Dl4jArrays(), layers, () -> {
            row.close();
            zip.channel().close();
        });
    }

    private static List<Dl4jLayer> layers(ZipContents zip) throws IOException {
        byte[] bytes = zip.bytes(CONFIGURATION, StrictJson.LARGEST);
        try {
            JsonNode root = StrictJson.parse(CONFIGURATION, StrictJson.decode(CONFIGURATION, bytes));
            return Dl4jConfiguration.layers(root);
        } catch (MalformedModelException e) {
            throw new WeightsException(zip.path(), e.reason(), e);
        }
    }
}
