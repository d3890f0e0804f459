package org.transfer4j.backbone;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.regex.Pattern;
import org.transfer4j.download.Checksum;

/**
 * A weights file that its publisher offers for download, or that is bundled with a library.
 *
 * @param name its path relative to the cache folder, with forward slashes, for example
 *     "weights/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"; parts are of letters, digits, dots, hyphens
 *     and underscores and don't begin with a dot
 * @param source where it is published, an http or https address, or that of a resource where it is bundled
 * @param size its size in bytes, -1 where it is not known
 * @param checksum what its bytes hash to; not {@link Checksum#confirmed()} where it is the publisher's word alone
 * @param trainedOn the name of the data set that it was trained on, for example {@value Weights#IMAGENET}
 * @param licence under which terms it may be used: its licence and the attribution that it asks for
 * @param isBundled whether it is bundled with a library; false where it is fetched
 */
public record PretrainedWeights(
        String name, URI source, long size, Checksum checksum, String trainedOn, String licence, boolean isBundled) {
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*");

    /**
     * Checks the values.
     *
     * @param name as above
     * @param source as above
     * @param size as above
     * @param checksum as above
     * @param trainedOn as above
     * @param licence as above
     * @param isBundled as above
     * @throws IllegalArgumentException if name, address or size are not of that form
     */
    public PretrainedWeights {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of a weights file is a relative path of plain parts, but was \"" + name + "\"");
        }
        String scheme = String.valueOf(source.getScheme());
        boolean web = (scheme.equals("http") || scheme.equals("https")) && source.getHost() != null;
        if (!isBundled && !web) {
            throw new IllegalArgumentException("weights are fetched from http or https, but the address was " + source);
        }
        if (size < -1) {
            throw new IllegalArgumentException("a size is -1 (not known) or not negative, but was " + size);
        }
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
            return new PretrainedWeights(name, resource.toURI(), -1, checksum, trainedOn, licence, true);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the address of a resource is a URI, but was " + resource, e);
        }
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
