package org.transfer4j.internal.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.WeightsOrigin;
import org.transfer4j.internal.json.Json;

/**
 * Which of timm's two networks of the same names and shapes a file is of. EfficientNet, MobileNet and MixNet are there
 * once as PyTorch computes them, with the same padding on all sides and 1e-5 added to variances, and once, called
 * {@code tf_...}, for weights from TensorFlow, with padding at the end and 1e-3. The numbers do not tell; what does is
 * what the file says of itself, timm's {@code config.json} beside it, its name, and the names of its folders, of which
 * the cache of the Hugging Face hub has one three levels up.
 */
final class TimmVariant {
    /** The first module of these networks. */
    private static final String STEM = "conv_stem";

    private static final Pattern NAME =
            Pattern.compile("(tf[_-])?(?:efficientnet|mobilenet|mixnet)\\w*(?:[-.]\\w+)*", Pattern.CASE_INSENSITIVE);
    /** Networks that smooth where they subsample, which needs no weights; in an EfficientNet's name aa is how it was trained. */
    private static final Pattern SMOOTHED = Pattern.compile(
            "(?:se|eca)?resne[sx]?t(?:aa|blur)\\d+\\w*|mobilenetv4_\\w+_(?:blur|aa)_\\w+|efficientnet_blur_\\w+",
            Pattern.CASE_INSENSITIVE);
    /** Whatever network of these families a place names. */
    private static final Pattern NAMED =
            Pattern.compile("resne[sx]?t\\w*\\d|" + NAME.pattern(), Pattern.CASE_INSENSITIVE);

    private static final String CONFIGURATION = "config.json";
    private static final int LARGEST_CONFIGURATION = 1 << 20;
    private static final int FOLDERS = 3;

    /** What all of these networks have but those that are there once, such as MobileNetV2. */
    private static final String SQUEEZE = ".se.conv_reduce";

    private TimmVariant() {}

    /**
     * Refuses a file of the variant that pads otherwise than the network, and one that does not tell which it is of.
     *
     * @param other the backbone of the other variant; empty where there is none
     * @throws WeightsException if the file is of such a network by its names, and not known to be of the right variant
     */
    static void check(WeightsFile file, NetworkLayers network, Optional<String> other) {
        boolean own = WeightsOrigin.of(file.metadata()).isPresent();
        Map<String, String> places = own ? Map.of() : places(file);
        requirePlain(file.path(), places);
        if (file.layers().stream().noneMatch(layer -> layer.name().equals(STEM))) {
            return;
        }
        boolean atTheEnd = network.padsAtTheEnd();
        if (own) {
            // layers keep their names in what this library writes
            if (atTheEnd && !network.all().contains(STEM)) {
                throw refused(
                        file.path(),
                        "was written by this library for a network with timm's names, not for one",
                        true,
                        other);
            }
            return;
        }
        for (Map.Entry<String, String> place : places.entrySet()) {
            Matcher name = NAME.matcher(place.getValue());
            if (name.find()) {
                if ((name.group(1) != null) != atTheEnd) {
                    throw refused(
                            file.path(),
                            "is of " + name.group() + " (so says " + place.getKey() + "), and not of one",
                            atTheEnd,
                            other);
                }
                return;
            }
        }
        if (atTheEnd || file.layers().stream().anyMatch(layer -> layer.name().endsWith(SQUEEZE))) {
            throw refused(file.path(), "does not tell whether it is of one", atTheEnd, other);
        }
    }

    /** By name alone: a file that does not tell is taken. */
    private static void requirePlain(Path file, Map<String, String> places) {
        for (Map.Entry<String, String> place : places.entrySet()) {
            Matcher name = SMOOTHED.matcher(place.getValue());
            if (name.find()) {
                throw new WeightsException(
                        file,
                        "is of " + name.group() + " (so says " + place.getKey()
                                + "), which smooths where it subsamples: its weights"
                                + " have the names and shapes of a network that does not, but would give other features here");
            }
            if (NAMED.matcher(place.getValue()).find()) {
                return;
            }
        }
    }

    private static WeightsException refused(Path file, String what, boolean atTheEnd, Optional<String> other) {
        return new WeightsException(
                file,
                what + " of timm's networks whose names " + (atTheEnd ? "begin with tf_" : "are without tf_")
                        + ", which " + padding(atTheEnd) + " to variances, as this network does. Those "
                        + (atTheEnd ? "without" : "with") + " tf_ have the same names and shapes, but "
                        + padding(!atTheEnd) + ": their weights would give other features here"
                        + other.map(backbone -> "; see Backbone." + backbone + "()")
                                .orElse("")
                        + ". If it is of a " + (atTheEnd ? "tf_ network" : "network without tf_")
                        + ", let the file's name say so (" + (atTheEnd ? "tf_" : "")
                        + "efficientnet_b0.safetensors), or put timm's config.json beside it");
    }

    private static String padding(boolean atTheEnd) {
        return atTheEnd ? "pad at the end and add 1e-3" : "pad on all sides and add 1e-5";
    }

    private static Map<String, String> places(WeightsFile file) {
        Map<String, String> places = new LinkedHashMap<>();
        places.put("its metadata", String.join(" ", file.metadata().values()));
        Path folder = file.path().toAbsolutePath().getParent();
        if (folder != null) {
            places.put("the " + CONFIGURATION + " beside it", architecture(folder.resolve(CONFIGURATION)));
        }
        places.put("its name", String.valueOf(file.path().getFileName()));
        for (int level = 1; level <= FOLDERS && folder != null; level++) {
            places.put("folder " + level + " above it", String.valueOf(folder.getFileName()));
            folder = folder.getParent();
        }
        return places;
    }

    /** Empty where there is none. */
    private static String architecture(Path configuration) {
        try {
            if (!Files.isRegularFile(configuration) || Files.size(configuration) > LARGEST_CONFIGURATION) {
                return "";
            }
            return Json.tree(new String(Files.readAllBytes(configuration), StandardCharsets.UTF_8))
                    .path("architecture")
                    .asText();
        } catch (JsonProcessingException e) {
            return "";
        } catch (IOException e) {
            throw WeightsFile.unreadable(configuration, e);
        }
    }
}
