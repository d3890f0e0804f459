package org.transfer4j.fuzz;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ClassifierEnsemble;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.format.modelfile.CheckpointArchive.CheckpointContents;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.GrayToRgbResizer;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.TrainingHistory;

/** Small good files to begin with: what the library writes, and the golden files of its tests. */
final class Seeds {
    static final byte[] PNG = image("png", BufferedImage.TYPE_BYTE_GRAY, false);

    /** As {@link Parser#JSON} numbers them. */
    static final List<byte[]> JSON = List.of(
            text(ImagePreprocessing.torch().toJson()),
            text(OneHotLabelEncoder.ofClasses(3).toJson()),
            text(new GrayToRgbResizer(8, 9).toJson()),
            text(TrainingHistory.of(List.of(EpochRecord.builder(1)
                            .training(2, 0.5)
                            .validation(3, 0.25)
                            .build()))
                    .toJson()));

    static final Path GOLDEN = Path.of(System.getProperty("fuzz.golden", ""));

    private Seeds() {}

    /** Writes those of a parser into a folder. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        for (Map.Entry<String, byte[]> seed :
                of(Parser.valueOf(arguments[0].toUpperCase(Locale.ROOT))).entrySet()) {
            Files.write(folder.resolve(seed.getKey()), seed.getValue());
        }
    }

    static Map<String, byte[]> of(Parser parser) {
        return switch (parser) {
            case JPEG ->
                Map.of(
                        "gray", image("jpg", BufferedImage.TYPE_BYTE_GRAY, false),
                        "color", image("jpg", BufferedImage.TYPE_3BYTE_BGR, false),
                        "progressive", image("jpg", BufferedImage.TYPE_3BYTE_BGR, true));
            case PNG ->
                Map.of(
                        "gray", PNG,
                        "color", image("png", BufferedImage.TYPE_3BYTE_BGR, false),
                        "alpha", image("png", BufferedImage.TYPE_4BYTE_ABGR, false),
                        "palette", image("png", BufferedImage.TYPE_BYTE_INDEXED, false));
            case BMP ->
                Map.of(
                        "gray", image("bmp", BufferedImage.TYPE_BYTE_GRAY, false),
                        "color", image("bmp", BufferedImage.TYPE_3BYTE_BGR, false));
            case IDX -> Map.of("two", idx());
            case CSV ->
                Map.of(
                        "plain", text("a.png,cat\na.png,dog\n"),
                        "quoted", text("path,label\r\n\"a.png\",\"a \"\"b\"\", c\"\r\n"));
            case MODEL -> Archive.seeds(Parser.Good.MODELS);
            case CALIBRATED -> Archive.seeds(Parser.Good.CALIBRATED);
            case ENSEMBLE -> Archive.seeds(Parser.Good.ENSEMBLES);
            case ONNX -> {
                Map<String, byte[]> seeds = new TreeMap<>();
                for (byte i = 0; i < Parser.Good.ONNX.size(); i++) {
                    seeds.put("model" + i, Parser.Good.ONNX.get(i));
                    seeds.put("edit" + i, new byte[] {Edits.MARK, i});
                }
                yield seeds;
            }
            case MODEL_1 -> Archive.seeds(Parser.Good.MODELS_1);
            case EXTRACTOR -> Archive.seeds(Parser.Good.EXTRACTORS);
            case CHECKPOINT -> Archive.seeds(Parser.Good.CHECKPOINTS);
            case DL4J_ZIP -> Archive.seeds(Parser.Good.DL4J);
            case KERAS -> Archive.seeds(Parser.Good.KERAS);
            case KERAS_H5 -> Map.of("nested", golden("keras_models/worldwide.h5"));
            case WEIGHTS_H5 ->
                Map.of(
                        "legacy", golden("keras_models/worldwide.h5"),
                        "keras3", golden("keras_models/worldwide.weights.h5"));
            case SAFETENSORS ->
                Map.of(
                        "float32", safetensors("F32", 4),
                        "edit", new byte[] {Edits.MARK, 1},
                        "bfloat16", safetensors("BF16", 2));
            case JSON -> {
                Map<String, byte[]> seeds = new TreeMap<>();
                for (byte kind = 0; kind < JSON.size(); kind++) {
                    byte[] json = JSON.get(kind);
                    seeds.put(
                            "text" + kind,
                            ByteBuffer.allocate(1 + json.length)
                                    .put(kind)
                                    .put(json)
                                    .array());
                    seeds.put("edit" + kind, new byte[] {kind, Edits.MARK});
                }
                yield seeds;
            }
        };
    }

    private static TransferLearner learner(Networks network) {
        return TransferLearner.of(network.backbone()).weights(Weights.random());
    }

    private static ImageDataset images() {
        return ImageDataset.of(
                Nd4j.rand(DataType.FLOAT, 80, 3, 8, 8).muli(255),
                IntStream.range(0, 80).map(i -> i % 2).toArray());
    }

    /** A small classifier, or the same one calibrated: what calibration adds has entries of its own. */
    static byte[] model(Networks network, boolean calibrated) {
        ImageDataset images = images();
        try (ImageClassifier classifier = learner(network).epochs(1).fit(images);
                ImageClassifier saved = calibrated ? classifier.calibrate(images, images) : classifier) {
            return saved(saved);
        }
    }

    /** One with DL4J's JSON for its network, as the former format has it. */
    static byte[] model1(Networks network) {
        Path file = Parser.file("seed.t4j", model(network, false));
        try (ImageClassifier classifier = ImageClassifier.load(file)) {
            ComputationGraph graph = classifier.toComputationGraph();
            ModelContents now = ModelArchive.read(file, described -> {});
            String topology = Edits.compact(graph.getConfiguration().toJson());
            ModelArchive.write(
                    file,
                    new ModelContents(
                            now.libraryVersion(),
                            now.backbone(),
                            topology,
                            now.network(),
                            now.preprocessing(),
                            now.classNames(),
                            now.history(),
                            now.weights()));
        }
        return read(file);
    }

    /** The small classifier twice. */
    static byte[] ensemble() {
        Path model = Parser.file("seed.t4j", model(Networks.ROW, false));
        Path file = Parser.file("seeds.t4j", new byte[0]);
        try (ImageClassifier classifier = ImageClassifier.load(model);
                ClassifierEnsemble twice = ClassifierEnsemble.of(classifier, classifier)) {
            twice.save(file);
        }
        return read(file);
    }

    private static byte[] saved(ImageClassifier classifier) {
        Path file = Parser.file("seed.t4j", new byte[0]);
        classifier.save(file);
        return read(file);
    }

    static byte[] extractor(Networks network) {
        Path file = Parser.file("seed.t4j", new byte[0]);
        try (FeatureExtractor extractor = learner(network).extractor()) {
            extractor.save(file);
        }
        return read(file);
    }

    /** Exports of the small networks, and a block of a transformer that makes sizes of its images. */
    static List<byte[]> onnx() {
        List<byte[]> models = new ArrayList<>();
        for (Networks network : List.of(Networks.ROW, Networks.BRANCHES)) {
            Path file = Parser.file("seed.onnx", new byte[0]);
            try (ImageClassifier classifier = learner(network).epochs(1).fit(images())) {
                classifier.exportOnnx(file);
            }
            models.add(read(file));
        }
        models.add(Networks.transformer());
        return models;
    }

    static byte[] checkpoint() {
        Path file = Parser.file("seed.checkpoint", new byte[0]);
        CheckpointArchive.write(
                file, new CheckpointContents("1.2.3", "tiny", "{\"epoch\":3}", Map.of("output/W", Nd4j.ones(3, 4))));
        return read(file);
    }

    static byte[] dl4j(Networks network) {
        Path file = Parser.file("seed.zip", new byte[0]);
        ComputationGraph graph = new ComputationGraph(network.configure(8, 8));
        graph.init();
        try {
            ModelSerializer.writeModel(graph, file.toFile(), false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read(file);
    }

    /** The weights of VGG's first layer. */
    static byte[] safetensors(String type, int size) {
        int kernel = 64 * 3 * 3 * 3 * size;
        byte[] header = text(String.format(
                "{\"features.0.weight\":{\"dtype\":\"%1$s\",\"shape\":[64,3,3,3],\"data_offsets\":[0,%2$d]},"
                        + "\"features.0.bias\":{\"dtype\":\"%1$s\",\"shape\":[64],\"data_offsets\":[%2$d,%3$d]}}",
                type, kernel, kernel + 64 * size));
        return ByteBuffer.allocate(8 + header.length + kernel + 64 * size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
    }

    static byte[] golden(String name) {
        return read(GOLDEN.resolve(name));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Two images of 4x4 and their labels, as {@link Parser#IDX} wants them. */
    private static byte[] idx() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(1);
        bytes.writeBytes(new byte[] {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 7});
        bytes.writeBytes(new byte[3 * 4 * 7]);
        bytes.writeBytes(new byte[] {0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 1});
        return bytes.toByteArray();
    }

    private static byte[] image(String format, int type, boolean progressive) {
        BufferedImage image = new BufferedImage(9, 7, type);
        for (int i = 0; i < 63; i++) {
            image.setRGB(i % 9, i / 9, List.of(0xff0000, 0x00ff80, 0x3030ff).get(i % 3) | 0xff000000);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            if (progressive) {
                parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
