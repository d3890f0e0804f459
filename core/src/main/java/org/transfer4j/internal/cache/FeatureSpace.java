package org.transfer4j.internal.cache;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.TreeMap;
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
    private static final String FORMAT = "transfer4j features 3";

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
        return new FeatureSpace(digest(recipe), shape, description);
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
    static byte[] digest(Recipe recipe) {
        ContentHash hash = new ContentHash();
        add(hash, "format", FORMAT);
        add(hash, "library", recipe.libraryVersion());
        add(hash, "engine", recipe.trunk().engine());
        add(hash, "input", recipe.input().height() + "x" + recipe.input().width());
        add(hash, "preprocessing", recipe.input().preprocessing().toJson());
        add(hash, "features", Arrays.toString(recipe.trunk().featureShape()));
        add(hash, "topology", topology(recipe.frozen().network()));
        new TreeMap<>(recipe.frozen().parameters())
                .forEach((layer, parameters) -> new TreeMap<>(parameters).forEach((name, value) -> {
                    add(hash, "layer", layer);
                    add(hash, "parameter", name);
                    hash.add(value);
                }));
        return hash.digest();
    }

    private static void add(ContentHash hash, String name, String value) {
        hash.add(name);
        hash.add(value);
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
}
