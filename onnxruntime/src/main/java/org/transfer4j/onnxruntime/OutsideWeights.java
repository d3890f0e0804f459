package org.transfer4j.onnxruntime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.UnsafeByteOperations;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.onnxruntime.ModelFile.WeightPlaces;

/**
 * Weights that stay in the files in which a model was published, while a model file has an outline: the same ONNX model with
 * references to them, as ONNX has them for external data, and the files' checksums.
 */
final class OutsideWeights {
    /** Smaller ones stay in the outline. */
    private static final int SMALLEST = 1024;

    /** How many times the bytes of its files a model has at most, where some of its weights are the same. */
    private static final int MOST_TIED = 4;

    /** What goes into a model file. */
    record Outline(INDArray bytes, Op.Outside outside) {}

    private OutsideWeights() {}

    /**
     * Takes the weights out of a model.
     *
     * @param whole made of the file
     * @param places of the file's weights
     * @param folder in which the files are
     * @throws IllegalArgumentException if there are none, or the files are not what was read
     * @throws UncheckedIOException if a file can't be read
     */
    static Outline of(INDArray whole, Map<String, WeightPlaces.Place> places, Path folder) {
        Map<String, WeightPlaces.Place> named = new HashMap<>();
        ModelProto model = ModelFile.parsed(whole);
        places.forEach((name, place) -> named.put(FeatureModel.unlikeOurs(name), place));
        Set<String> names = new LinkedHashSet<>();
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            TensorProto weights = graph.getInitializer(i);
            WeightPlaces.Place place = named.get(weights.getName());
            if (place != null && weights.getRawData().size() >= SMALLEST) {
                names.add(place.file());
                graph.setInitializer(
                        i,
                        weights.toBuilder()
                                .clearRawData()
                                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                                .addExternalData(entry("location", place.file()))
                                .addExternalData(entry("offset", Long.toString(place.start())))
                                .addExternalData(entry("length", Long.toString(place.length()))));
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(
                    "has no weights of " + SMALLEST + " bytes or more that could stay outside of a model file");
        }
        List<Op.OutsideFile> files = new ArrayList<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            try {
                files.add(new Op.OutsideFile(name, Files.size(file), sha256(file)));
            } catch (IOException e) {
                throw new UncheckedIOException("Can't read " + file + ": " + e.getMessage(), e);
            }
        }
        INDArray bytes = ModelBytes.of(model.toBuilder().setGraph(graph).build());
        Op.Outside outside = new Op.Outside(bytes.length(), files);
        // what is read again when the classifier is loaded, while the files may have changed since they were read
        whole(whole.length(), ModelBytes.sha256(whole), outside, bytes, List.of(folder))
                .close();
        return new Outline(bytes, outside);
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /**
     * Puts the weights into an outline.
     *
     * @param bytes of the whole model
     * @param sha256 of them
     * @param folders where the files are looked for
     * @throws IllegalArgumentException if a file is not there, or is another one than it was
     * @throws UncheckedIOException if one can't be read
     */
    static INDArray whole(long bytes, String sha256, Op.Outside outside, INDArray outline, List<Path> folders) {
        Map<String, Path> files = new HashMap<>();
        outside.files().forEach(file -> files.put(file.name(), found(file, folders)));
        ModelProto model = ModelFile.parsed(outline);
        requireRoom(model.getGraph(), bytes, outside.files());
        GraphProto.Builder graph = model.getGraph().toBuilder();
        Map<WeightPlaces.Place, ByteString> read = new HashMap<>();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            TensorProto weights = graph.getInitializer(i);
            if (isOutside(weights)) {
                ByteString own = read.computeIfAbsent(place(weights), place -> bytes(weights, place, files));
                graph.setInitializer(
                        i,
                        weights.toBuilder()
                                .clearExternalData()
                                .clearDataLocation()
                                .setRawData(own));
            }
        }
        INDArray whole = ModelBytes.of(model.toBuilder().setGraph(graph).build());
        if (whole.length() != bytes || !ModelBytes.sha256(whole).equals(sha256)) {
            whole.close();
            throw new IllegalArgumentException("the ONNX model that is put together of " + files.values()
                    + " has not the SHA-256 " + sha256 + " that it had when it was read first");
        }
        return whole;
    }

    private static Path found(Op.OutsideFile wanted, List<Path> folders) {
        for (Path folder : folders) {
            Path file = folder.resolve(wanted.name());
            if (!Files.isRegularFile(file)) {
                continue;
            }
            try {
                long bytes = Files.size(file);
                String sha256 = bytes == wanted.bytes() ? sha256(file) : "";
                if (!sha256.equals(wanted.sha256())) {
                    throw new IllegalArgumentException("its ONNX model's file " + file + " must have " + wanted.bytes()
                            + " bytes and the SHA-256 " + wanted.sha256() + ", but has " + bytes + " bytes"
                            + (sha256.isEmpty() ? "" : " and " + sha256)
                            + ": it was changed, or is another model");
                }
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException("Can't read " + file + ": " + e.getMessage(), e);
            }
        }
        throw new IllegalArgumentException("its ONNX model is kept outside, in the file " + wanted.name() + " of "
                + wanted.bytes() + " bytes with the SHA-256 " + wanted.sha256() + ", which is not in " + folders
                + ": ImageClassifier.load(file, folder) says where it is");
    }

    private static boolean isOutside(TensorProto weights) {
        return weights.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    private static WeightPlaces.Place place(TensorProto weights) {
        Map<String, String> where = ModelFile.where(weights);
        return new WeightPlaces.Place(
                where.getOrDefault("location", ""),
                ModelFile.number(weights, where.getOrDefault("offset", "")),
                ModelFile.number(weights, where.getOrDefault("length", "")));
    }

    /**
     * Together they are no more than the files have, but for tied ones, which are at one place: an outline of a few bytes must
     * not read one part again and again.
     */
    private static void requireRoom(GraphProto outline, long whole, List<Op.OutsideFile> files) {
        long most = Math.min(
                Math.min(whole, Runtime.getRuntime().maxMemory()),
                files.stream().distinct().mapToLong(Op.OutsideFile::bytes).reduce(0, OutsideWeights::sum));
        List<WeightPlaces.Place> places = outline.getInitializerList().stream()
                .filter(OutsideWeights::isOutside)
                .map(OutsideWeights::place)
                .toList();
        long all = bytes(places.stream());
        if (bytes(places.stream().distinct()) > most || all > Math.min(whole, MOST_TIED * most)) {
            throw new IllegalArgumentException("the weights that the ONNX model has outside are at most " + most
                    + " bytes together, those of its files, of the whole model and of the heap, but have " + all
                    + "; " + MOST_TIED + " times as many where several are at one place");
        }
    }

    private static long bytes(Stream<WeightPlaces.Place> places) {
        return places.mapToLong(WeightPlaces.Place::length).reduce(0, OutsideWeights::sum);
    }

    /** Of numbers that are not negative; the largest where it is larger. */
    private static long sum(long one, long other) {
        return one + other < 0 ? Long.MAX_VALUE : one + other;
    }

    private static ByteString bytes(TensorProto weights, WeightPlaces.Place place, Map<String, Path> files) {
        Path file = files.get(place.file());
        if (file == null) {
            throw new IllegalArgumentException(
                    "the weights \"" + weights.getName() + "\" can't be " + ModelFile.where(weights));
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) place.length());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (place.start() > channel.size() - place.length()) {
                throw new IllegalArgumentException("the weights \"" + weights.getName() + "\" can't be "
                        + ModelFile.where(weights) + ", behind the end of " + file);
            }
            channel.position(place.start());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // reads on
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read " + file + ": " + e.getMessage(), e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    private static String sha256(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer part = ByteBuffer.allocate(1 << 20);
            while (channel.read(part) >= 0) {
                digest.update(part.flip());
                part.clear();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
