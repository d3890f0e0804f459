package org.transfer4j.onnxruntime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.ByteString;
import org.nd4j.shade.protobuf.CodedInputStream;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;
import org.nd4j.shade.protobuf.UnsafeByteOperations;
import org.nd4j.shade.protobuf.WireFormat;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.onnx.ModelBytes;

/** Reads a model's file, and what it keeps in files beside it, as one model in memory. */
final class ModelFile {
    /** A message of Protocol Buffers has less than 2 GiB, here with room for what is added. */
    private static final long LARGEST = Integer.MAX_VALUE - (64L << 20);

    /** What ONNX Runtime knows a flatbuffer of its own by, and where it stands. */
    private static final ByteString RUNTIME_MARK = ByteString.copyFromUtf8("ORTM");

    private static final int MARK_AT = 4;

    private final Path file;
    private final Map<String, WeightPlaces.Place> places = new HashMap<>();
    private long total;

    private ModelFile(Path file) {
        this.file = file;
    }

    /** A model, and where its weights lie in its files. */
    record Read(ModelProto model, Map<String, WeightPlaces.Place> places) {}

    /**
     * Reads a model.
     *
     * @return checked by {@link ModelCheck}, all its weights in it, and where they come from
     * @throws ModelFileException if it is none, or none that may be run
     * @throws UncheckedIOException if there is no such file or it can't be read
     */
    static Read read(Path file) {
        return new ModelFile(file).read();
    }

    private Read read() {
        try {
            ByteString bytes = bytes(file, 0, Files.size(file));
            ModelProto model = parse(bytes);
            if (!model.hasGraph()) {
                throw new ModelFileException(file, "is no ONNX model: it has no graph");
            }
            ModelProto whole = gathered(model);
            ModelCheck.check(whole);
            places.putAll(WeightPlaces.inside(String.valueOf(file.getFileName()), bytes));
            return new Read(whole, Map.copyOf(places));
        } catch (StackOverflowError e) {
            throw new ModelFileException(file, "is no ONNX model, or damaged: it is nested too deep", e);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelFileException(file, "is no ONNX model, or damaged: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(file, "can't be run: " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException("There is no file " + e.getFile(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read the ONNX model " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Weights point into the bytes, which are not copied. Groups that nobody knows this reader follows without a bound.
     *
     * @throws IllegalArgumentException if the runtime could take the bytes for its own format
     */
    static ModelProto parse(ByteString bytes) throws IOException {
        if (bytes.size() >= MARK_AT + RUNTIME_MARK.size()
                && bytes.substring(MARK_AT, MARK_AT + RUNTIME_MARK.size()).equals(RUNTIME_MARK)) {
            throw new IllegalArgumentException(
                    "it is in ONNX Runtime's own format, or could be taken for it, but only ONNX is run:"
                            + " its bytes from " + MARK_AT + " on are " + RUNTIME_MARK.toStringUtf8());
        }
        CodedInputStream in = bytes.newCodedInput();
        in.enableAliasing(true);
        return ModelProto.parseFrom(in);
    }

    /**
     * A model in native memory, into which its weights point.
     *
     * @throws IllegalArgumentException if it is damaged
     */
    static ModelProto parsed(INDArray model) {
        try {
            return parse(UnsafeByteOperations.unsafeWrap(ModelBytes.memory(model)));
        } catch (IOException | StackOverflowError e) {
            throw new IllegalArgumentException("the ONNX model is damaged: " + e.getMessage(), e);
        }
    }

    private ByteString bytes(Path from, long start, long length) throws IOException {
        total += length;
        if (total > LARGEST || total > Runtime.getRuntime().maxMemory()) {
            throw new ModelFileException(
                    file,
                    "has " + total + " bytes or more; an ONNX model has " + LARGEST
                            + " at most, and no more than the heap of this JVM, "
                            + Runtime.getRuntime().maxMemory());
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        try (FileChannel channel = FileChannel.open(from, StandardOpenOption.READ)) {
            channel.position(start);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // reads on
            }
        }
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    private ModelProto gathered(ModelProto model) throws IOException {
        GraphProto graph = model.getGraph();
        if (graph.getInitializerList().stream().noneMatch(ModelFile::isOutside)) {
            return model;
        }
        GraphProto.Builder own = graph.toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            if (isOutside(graph.getInitializer(i))) {
                own.setInitializer(i, gathered(graph.getInitializer(i)));
            }
        }
        return model.toBuilder().setGraph(own).build();
    }

    private static boolean isOutside(TensorProto weights) {
        return weights.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    /** What a tensor says of where its numbers are. */
    static Map<String, String> where(TensorProto weights) {
        Map<String, String> where = new HashMap<>();
        for (StringStringEntryProto entry : weights.getExternalDataList()) {
            where.put(entry.getKey(), entry.getValue());
        }
        return where;
    }

    private TensorProto gathered(TensorProto weights) throws IOException {
        Map<String, String> where = where(weights);
        Path beside = beside(weights.getName(), where.getOrDefault("location", ""));
        long wanted = Math.multiplyExact(Tensors.elements(weights), Tensors.width(weights)) / 2;
        long start = number(weights, where.getOrDefault("offset", "0"));
        long length = number(weights, where.getOrDefault("length", Long.toString(wanted)));
        long size = Files.size(beside);
        if (length != wanted || start > size - length) {
            throw new ModelFileException(
                    file,
                    "the weights \"" + weights.getName() + "\" of " + wanted + " bytes can't be the " + length
                            + " bytes from " + start + " of " + beside.getFileName() + ", which has " + size);
        }
        places.put(weights.getName(), new WeightPlaces.Place(where.getOrDefault("location", ""), start, length));
        return weights.toBuilder()
                .clearExternalData()
                .clearDataLocation()
                .setRawData(bytes(beside, start, length))
                .build();
    }

    static long number(TensorProto weights, String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException(
                    "the place of the weights \"" + weights.getName() + "\" is no number: " + text);
        }
        return Long.parseLong(text);
    }

    /** A file in the model's own folder or below; links lead there too, or to the folder where the model's link leads. */
    private Path beside(String weights, String location) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        boolean plain = !location.isEmpty()
                && !location.startsWith("/")
                && !location.contains("\\")
                && location.indexOf(0) < 0
                && !location.matches("[A-Za-z]:.*");
        Path named = plain && folder != null ? folder.resolve(location).normalize() : null;
        if (folder == null || named == null || !named.startsWith(folder)) {
            throw new ModelFileException(
                    file,
                    "the weights \"" + weights + "\" must lie in the model's folder, but in \"" + location + "\"");
        }
        if (!Files.isRegularFile(named)) {
            throw new ModelFileException(
                    file, "keeps weights in the file " + location + " beside it, which is not there: " + named);
        }
        Path real = named.toRealPath();
        // the hub's cache links each of a model's files, the model too, to one folder of blobs
        if (!real.startsWith(folder.toRealPath())
                && !Objects.equals(real.getParent(), file.toRealPath().getParent())) {
            throw new ModelFileException(
                    file,
                    "the weights \"" + weights + "\" must lie in the model's folder, but " + location
                            + " is a link out of it, to " + real + ": a link may lead to the folder of the model's own"
                            + " file, or copy the file");
        }
        return named;
    }

    /** Where a model's weights lie in their files. */
    static final class WeightPlaces {
        /**
         * A part of a file.
         *
         * @param file its name from the model's folder, with /
         */
        record Place(String file, long start, long length) {}

        private WeightPlaces() {}

        /** The weights that are in the model's own file, by name; the format of Protocol Buffers is gone through. */
        static Map<String, Place> inside(String file, ByteString model) throws IOException {
            Map<String, Place> places = new HashMap<>();
            CodedInputStream in = model.newCodedInput();
            in.enableAliasing(true);
            messages(
                    in,
                    ModelProto.GRAPH_FIELD_NUMBER,
                    () -> messages(in, GraphProto.INITIALIZER_FIELD_NUMBER, () -> tensor(file, in, places)));
            return places;
        }

        private interface Reading {
            void read() throws IOException;
        }

        /** Reads each message of a field, and skips all else up to the end of the message that is read. */
        private static void messages(CodedInputStream in, int field, Reading reading) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == field) {
                    int outer = in.pushLimit(in.readRawVarint32());
                    reading.read();
                    in.popLimit(outer);
                } else if (!in.skipField(tag)) {
                    return;
                }
            }
        }

        private static void tensor(String file, CodedInputStream in, Map<String, Place> places) throws IOException {
            String name = "";
            Place place = null;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int field = WireFormat.getTagFieldNumber(tag);
                if (field == TensorProto.NAME_FIELD_NUMBER) {
                    name = in.readStringRequireUtf8();
                } else if (field == TensorProto.RAW_DATA_FIELD_NUMBER) {
                    int length = in.readRawVarint32();
                    place = new Place(file, in.getTotalBytesRead(), length);
                    in.skipRawBytes(length);
                } else if (!in.skipField(tag)) {
                    return;
                }
            }
            if (place != null) {
                places.put(name, place);
            }
        }
    }
}
