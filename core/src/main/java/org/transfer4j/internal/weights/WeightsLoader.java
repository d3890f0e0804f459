package org.transfer4j.internal.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.backbone.Weights;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.dl4j.Dl4jModelFile;
import org.transfer4j.internal.download.Downloader;
import org.transfer4j.internal.download.RemoteFile;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.file.TemporaryFile;
import org.transfer4j.internal.format.FileKind;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.ZipContents;
import org.transfer4j.internal.format.keras.Hdf5;
import org.transfer4j.internal.format.keras.KerasFile;
import org.transfer4j.internal.format.keras.KerasNormalization;
import org.transfer4j.internal.format.safetensors.SafetensorsFile;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.TorchArrays;
import org.transfer4j.internal.format.safetensors.SafetensorsFile.WeightsOrigin;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * Gets weights from where a description says and brings them into the ops' shapes. The format of a file is the one that its
 * content shows.
 */
public final class WeightsLoader {
    private WeightsLoader() {}

    /**
     * Reads the weights of a backbone.
     *
     * @param weights where they come from; random ones are not loaded
     * @param source the backbone's own pretrained weights, empty where it has none
     * @param network the layers that want them
     * @return as {@code ParameterValues} has them: float, C order, owned by the caller
     * @throws WeightsException if the file is damaged, of an unknown format, or of another network
     * @throws org.transfer4j.error.DownloadException if the weights are neither in the cache nor to be had
     * @throws IllegalArgumentException if the weights are random, or pretrained where the backbone has no such
     */
    public static Map<String, Map<String, INDArray>> load(
            Weights weights, Optional<PretrainedWeights> source, NetworkLayers network) {
        if (weights instanceof Weights.FromFile file) {
            return read(() -> open(file.path()), network);
        }
        if (weights instanceof Weights.Pretrained pretrained) {
            PretrainedWeights own = source.orElseThrow(() -> new IllegalArgumentException(
                    "the backbone has no pretrained weights; name a file by Weights.file(...), or Weights.random()"));
            pretrained.dataset().ifPresent(dataset -> {
                if (!dataset.equals(own.trainedOn())) {
                    throw new IllegalArgumentException(
                            "the backbone's weights were trained on " + own.trainedOn() + ", not on " + dataset);
                }
            });
            if (own.isBundled()) {
                return read(() -> open(Path.of(own.name()), unpacked(own)), network);
            }
            Path file = fetched(own, pretrained);
            return read(() -> open(file), network);
        }
        throw new IllegalArgumentException("weights that are " + weights + " are not loaded");
    }

    private static Map<String, Map<String, INDArray>> read(Supplier<WeightsFile> opening, NetworkLayers network) {
        return of(opening, file -> {
            Map<String, Map<String, INDArray>> arrays = new LinkedHashMap<>();
            new LayerMatching(file, network)
                    .match()
                    .forEach((layer, stored) -> arrays.putAll(layer.read(stored, file.layout())));
            return arrays;
        });
    }

    /**
     * What a layer Normalization in a file of Keras does to pixels, where a preprocessing does something else.
     *
     * @param path the file
     * @param given the preprocessing
     * @return empty where there is no such layer, or nothing differs
     * @throws WeightsException if the file can't be read
     */
    public static Optional<String> normalizationBesides(Path path, ImagePreprocessing given) {
        return of(
                path,
                file -> file.normalizations().stream()
                        .flatMap(layer -> KerasNormalization.differs(layer, given).stream())
                        .findFirst());
    }

    private static Path fetched(PretrainedWeights weights, Weights.Pretrained how) {
        DownloadSettings settings = how.download().orElseGet(DownloadSettings::defaults);
        return new Downloader(settings)
                .fetch(new RemoteFile(
                        weights.name(), weights.source(), weights.size(), weights.checksum(), weights.licence()));
    }

    /** Whether a file is by PyTorch: safetensors. */
    public static boolean isByTorch(Path path) {
        return of(path, file -> file.layout() instanceof TorchArrays);
    }

    /** Who wrote a file; empty where it does not say that it was this library. */
    public static Optional<WeightsOrigin> origin(Path path) {
        return of(path, file -> WeightsOrigin.of(file.metadata()));
    }

    private static <T> T of(Path path, Function<WeightsFile, T> question) {
        return of(() -> open(path), question);
    }

    private static <T> T of(Supplier<WeightsFile> opening, Function<WeightsFile, T> question) {
        return Interruption.deferred(() -> {
            try (WeightsFile file = opening.get()) {
                return question.apply(file);
            }
        });
    }

    /** Opens a file of the format that its content shows; its name does not matter. */
    public static WeightsFile open(Path path) {
        WeightsFile.requireFile(path);
        try {
            return open(path, FileChannel.open(path, StandardOpenOption.READ));
        } catch (IOException e) {
            throw WeightsFile.unreadable(path, e);
        }
    }

    /**
     * Opens one that is a channel already.
     *
     * @param path its name
     * @param channel closed with the file, and where it is not of a known format
     */
    static WeightsFile open(Path path, FileChannel channel) {
        try {
            try {
                return recognized(path, channel);
            } catch (Throwable e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw WeightsFile.unreadable(path, e);
        }
    }

    private static WeightsFile recognized(Path path, FileChannel channel) throws IOException {
        byte[] head = FileKind.head(channel);
        if (FileKind.isZip(head)) {
            return readZip(ZipContents.open(path, channel));
        }
        if (SafetensorsFile.begins(head, channel.size())) {
            return SafetensorsFile.read(path, channel);
        }
        return KerasFile.read(Hdf5.open(path, channel), channel);
    }

    private static WeightsFile readZip(ZipContents zip) throws IOException {
        if (zip.has(KerasFile.WEIGHTS_ENTRY)) {
            return KerasFile.read(Hdf5.open(zip, KerasFile.WEIGHTS_ENTRY), zip.channel());
        }
        if (Dl4jModelFile.isOne(zip)) {
            return Dl4jModelFile.weights(zip);
        }
        throw new WeightsException(zip.path(), "is no weights file: " + FileKind.describeZip(zip.names()));
    }

    /** Copies a file out of its jar, into the temporary folder, and checks that it is whole. Closed, it is gone. */
    static FileChannel unpacked(PretrainedWeights weights) {
        byte[] content = content(weights);
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            FileChannel channel = TemporaryFile.open(folder, "transfer4j-weights");
            try {
                // not closed, because that would close the channel
                Channels.newOutputStream(channel).write(content);
                return channel;
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw FileFailure.of(
                    "the bundled weights " + weights.name() + " are read by way of the temporary folder " + folder
                            + ", which can't be written to (another one is set with -Djava.io.tmpdir=<folder>)",
                    e);
        }
    }

    private static byte[] content(PretrainedWeights weights) {
        try (InputStream in = weights.source().toURL().openStream()) {
            byte[] content = in.readAllBytes();
            MessageDigest digest =
                    MessageDigest.getInstance(weights.checksum().algorithm().standardName());
            String hash = HexFormat.of().formatHex(digest.digest(content));
            if (!hash.equals(weights.checksum().hex())) {
                throw new WeightsException(
                        Path.of(weights.name()),
                        "is damaged, or another file than " + weights.source() + " was: its "
                                + weights.checksum().algorithm().standardName() + " is " + hash + ", not "
                                + weights.checksum().hex());
            }
            return content;
        } catch (IOException e) {
            throw FileFailure.of("can't read the bundled weights " + weights.source(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has " + weights.checksum(), e);
        }
    }
}
