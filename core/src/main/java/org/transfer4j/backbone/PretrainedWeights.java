package org.transfer4j.backbone;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.transfer4j.download.Checksum;

/**
 * A weights file that its publisher offers for download, or that is bundled with a library. Immutable.
 */
public final class PretrainedWeights {
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*");

    private final String name;
    private final URI source;
    private final long size;
    private final Checksum checksum;
    private final String trainedOn;
    private final String licence;
    private final boolean bundled;

    private PretrainedWeights(
            String name, URI source, long size, Checksum checksum, String trainedOn, String licence, boolean bundled) {
        this.name = name;
        this.source = source;
        this.size = size;
        this.checksum = checksum;
        this.trainedOn = trainedOn;
        this.licence = licence;
        this.bundled = bundled;
    }

    /**
     * Describes a file.
     *
     * @param name its path relative to the cache folder, with forward slashes, for example
     *     "weights/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"; parts are of letters, digits, dots, hyphens
     *     and underscores and don't begin with a dot
     * @param source where it is, an http or https address
     * @param size its size in bytes, -1 where it is not known
     * @param checksum what its bytes hash to
     * @param trainedOn the name of the data set that it was trained on, for example {@value Weights#IMAGENET}
     * @param licence its licence and the attribution that it asks for
     * @return the description
     * @throws IllegalArgumentException if name, address or size are not of that form
     */
    public static PretrainedWeights of(
            String name, URI source, long size, Checksum checksum, String trainedOn, String licence) {
        checked(name);
        String scheme = String.valueOf(source.getScheme());
        if (!(scheme.equals("http") || scheme.equals("https")) || source.getHost() == null) {
            throw new IllegalArgumentException("weights are fetched from http or https, but the address was " + source);
        }
        if (size < -1) {
            throw new IllegalArgumentException("a size is -1 (not known) or not negative, but was " + size);
        }
        return new PretrainedWeights(name, source, size, checksum, trainedOn, licence, false);
    }

    /**
     * Describes a file that is a resource of a jar: nothing is fetched and nothing is kept in the cache.
     *
     * @param name its name in summaries and logs, in the form of {@link #of}
     * @param resource the file, for example {@code MyBackbone.class.getResource("my.safetensors")}
     * @param checksum what its bytes hash to
     * @param trainedOn the name of the data set that it was trained on
     * @param licence its licence and the attribution that it asks for
     * @return the description
     * @throws IllegalArgumentException if the name or the resource's address are not of that form
     */
    public static PretrainedWeights bundled(
            String name, URL resource, Checksum checksum, String trainedOn, String licence) {
        try {
            return new PretrainedWeights(checked(name), resource.toURI(), -1, checksum, trainedOn, licence, true);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the address of a resource is a URI, but was " + resource, e);
        }
    }

    private static String checked(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of a weights file is a relative path of plain parts, but was \"" + name + "\"");
        }
        return name;
    }

    /**
     * Whether it is bundled with a library.
     *
     * @return false where it is fetched
     */
    public boolean isBundled() {
        return bundled;
    }

    /**
     * Its place in the cache.
     *
     * @return a path relative to the cache folder, with forward slashes
     */
    public String name() {
        return name;
    }

    /**
     * Where it is published.
     *
     * @return an http or https address, or that of a resource where it is bundled
     */
    public URI source() {
        return source;
    }

    /**
     * How large it is.
     *
     * @return bytes, -1 where it is not known
     */
    public long size() {
        return size;
    }

    /**
     * What its bytes hash to.
     *
     * @return the checksum, not {@link Checksum#confirmed()} where it is the publisher's word alone
     */
    public Checksum checksum() {
        return checksum;
    }

    /**
     * What it was trained on.
     *
     * @return the data set's name
     */
    public String trainedOn() {
        return trainedOn;
    }

    /**
     * Under which terms it may be used.
     *
     * @return licence and attribution
     */
    public String licence() {
        return licence;
    }

    /**
     * Compares all that is described.
     *
     * @param other another object
     * @return whether it describes the same file
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PretrainedWeights that
                && name.equals(that.name)
                && source.equals(that.source)
                && size == that.size
                && checksum.equals(that.checksum)
                && trainedOn.equals(that.trainedOn)
                && licence.equals(that.licence);
    }

    /**
     * Fits {@link #equals}.
     *
     * @return the hash code
     */
    @Override
    public int hashCode() {
        return Objects.hash(name, source, size, checksum, trainedOn, licence);
    }

    /**
     * A description for logs.
     *
     * @return the name and the address
     */
    @Override
    public String toString() {
        return name + " from " + source;
    }
}
