package org.transfer4j.internal.cache;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;

/** The features of one recipe: what they are called on disk and what one of them looks like. */
public final class FeatureSpace {
    private final byte[] digest;
    private final long[] shape;
    private final String description;

    private FeatureSpace(byte[] digest, long[] shape, String description) {
        this.digest = digest;
        this.shape = shape;
        this.description = description;
    }

    /** Reads all weights, to know them again. */
    public static FeatureSpace of(FeatureRecipe recipe) {
        String cut = recipe.frozen().getConfiguration().getNetworkOutputs().get(0);
        long[] shape = recipe.trunk().featureShape();
        String description = String.format(
                Locale.ROOT,
                "%s up to %s %s, images %dx%d %s, %s, Transfer4J %s",
                recipe.network(),
                cut,
                Arrays.toString(shape),
                recipe.height(),
                recipe.width(),
                recipe.preprocessing(),
                recipe.trunk().engine(),
                recipe.libraryVersion());
        return of(RecipeDigest.of(recipe), shape, description);
    }

    static FeatureSpace of(byte[] digest, long[] shape, String description) {
        return new FeatureSpace(digest.clone(), shape.clone(), description);
    }

    /** The name of its folder: 64 lower-case hexadecimal digits. */
    String name() {
        return HexFormat.of().formatHex(digest);
    }

    byte[] digest() {
        return digest.clone();
    }

    /** One image's features, without the batch dimension. */
    long[] shape() {
        return shape.clone();
    }

    /** One line for people. */
    String description() {
        return description;
    }

    int rowBytes() {
        long values = 1;
        for (long length : shape) {
            values = Math.multiplyExact(values, length);
        }
        return Math.toIntExact(values * Float.BYTES);
    }
}
