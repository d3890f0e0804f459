package org.transfer4j.internal.cache;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.feature.FeatureStore.FeatureVolume;
import org.transfer4j.internal.feature.NetworkInput;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.trunk.Trunk;

/**
 * The features of one recipe: what they are called on disk and what one of them looks like.
 *
 * @param digest of the recipe; not copied
 * @param shape of one image's features, without the batch dimension; not copied
 * @param description one line for people
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record FeatureSpace(byte[] digest, long[] shape, String description) {
    /**
     * Everything but the image that decides what its features are, and the network's name, which does not.
     *
     * @param network its name, for people
     * @param frozen the network up to the cut, with its weights
     * @param trunk what computes, compiled from the frozen network
     * @param input what the network takes
     * @param libraryVersion the version that decodes, resizes and computes
     */
    public record Recipe(
            String network, WeightedNetwork frozen, Trunk trunk, NetworkInput input, String libraryVersion) {}

    /** Reads all weights, to know them again. */
    public static FeatureSpace of(Recipe recipe) {
        String cut = recipe.frozen().network().output();
        long[] shape = recipe.trunk().featureShape();
        String description = String.format(
                Locale.ROOT,
                "%s up to %s %s, images %dx%d %s, %s, Transfer4J %s",
                recipe.network(),
                cut,
                Arrays.toString(shape),
                recipe.input().height(),
                recipe.input().width(),
                recipe.input().preprocessing(),
                recipe.trunk().engine(),
                recipe.libraryVersion());
        return new FeatureSpace(RecipeDigest.of(recipe), shape, description);
    }

    /** The name of its folder: 64 lower-case hexadecimal digits. */
    public String name() {
        return HexFormat.of().formatHex(digest);
    }

    int rowBytes() {
        return Math.toIntExact(FeatureVolume.rowBytes(shape));
    }

    /**
     * SHA-256 of a recipe. Each part goes in with its name and its length, so that no two recipes give the same bytes. How
     * the head is trained plays no part: it changes nothing below the cut.
     */
    static final class RecipeDigest {
        private static final String FORMAT = "transfer4j features 3";

        private final ContentHash hash = new ContentHash();

        private RecipeDigest() {}

        static byte[] of(Recipe recipe) {
            RecipeDigest digest = new RecipeDigest();
            digest.add("format", FORMAT);
            digest.add("library", recipe.libraryVersion());
            digest.add("engine", recipe.trunk().engine());
            digest.add("input", recipe.input().height() + "x" + recipe.input().width());
            digest.add("preprocessing", recipe.input().preprocessing().toJson());
            digest.add("features", Arrays.toString(recipe.trunk().featureShape()));
            digest.add("topology", topology(recipe.frozen().network()));
            digest.addWeights(recipe.frozen().parameters());
            return digest.hash.digest();
        }

        private static String topology(Network frozen) {
            StringBuilder text = new StringBuilder(frozen.inputShape().toString());
            for (Network.Node node : frozen.nodes().values()) {
                text.append('\n')
                        .append(node.name())
                        .append(' ')
                        .append(node.op())
                        .append(' ')
                        .append(node.inputs());
                if (node.origin() != null) {
                    text.append(' ').append(node.origin().description());
                }
            }
            return text.append('\n').append(frozen.output()).toString();
        }

        private void addWeights(Map<String, Map<String, INDArray>> parameters) {
            for (Map.Entry<String, Map<String, INDArray>> layer : new TreeMap<>(parameters).entrySet()) {
                for (Map.Entry<String, INDArray> parameter : new TreeMap<>(layer.getValue()).entrySet()) {
                    add("layer", layer.getKey());
                    add("parameter", parameter.getKey());
                    hash.add(parameter.getValue());
                }
            }
        }

        private void add(String name, String value) {
            hash.add(name);
            hash.add(value);
        }
    }
}
