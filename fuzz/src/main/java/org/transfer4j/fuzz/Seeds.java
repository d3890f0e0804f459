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
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.ClassifierEnsemble;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.format.modelfile.CheckpointContents;
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

    /** From there to the golden files of the module onnxruntime. */
    private static final String ONNX_GOLDEN = "../../../../../onnxruntime/src/test/resources/golden/";

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
            case ONNX -> Map.of("small", onnx(), "edit", new byte[] {Edits.MARK, 1});
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

    /** A small classifier, or the same one calibrated: what calibration adds has entries of its own. */
    static byte[] model(boolean calibrated) {
        ImageDataset images = ImageDataset.of(
                Nd4j.rand(DataType.FLOAT, 80, 3, 8, 8).muli(255),
                IntStream.range(0, 80).map(i -> i % 2).toArray());
        try (ImageClassifier classifier = learner().epochs(1).fit(images);
                ImageClassifier saved = calibrated ? classifier.calibrate(images, images) : classifier) {
            return saved(saved);
        }
    }

    /** The small classifier twice. */
    static byte[] ensemble() {
        Path model = Parser.file("seed.t4j", model(false));
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

    static byte[] extractor() {
        Path file = Parser.file("seed.t4j", new byte[0]);
        try (FeatureExtractor extractor = learner().extractor()) {
            extractor.save(file);
        }
        return read(file);
    }

    private static TransferLearner learner() {
        return TransferLearner.of(small()).weights(Weights.random());
    }

    /** Few layers and few weights, so that an input costs little. */
    private static Backbone small() {
        return Backbone.builder("small", (height, width) -> smallGraph(height, width))
                .inputSize(8, 8)
                .minimumSize(8)
                .build();
    }

    private static ComputationGraphConfiguration smallGraph(int height, int width) {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs("input")
                .setInputTypes(InputType.convolutional(height, width, 3))
                .validateOutputLayerConfig(false)
                .addLayer(
                        "conv",
                        new ConvolutionLayer.Builder(3, 3)
                                .nOut(2)
                                .stride(2, 2)
                                .activation(Activation.RELU)
                                .build(),
                        "input")
                .addLayer("bn", new BatchNormalization(), "conv")
                .addLayer("pool", new SubsamplingLayer.Builder(2, 2).build(), "bn")
                .setOutputs("pool")
                .build();
    }

    static byte[] onnx() {
        return golden(ONNX_GOLDEN + "keras_nhwc.onnx");
    }

    static byte[] checkpoint() {
        Path file = Parser.file("seed.checkpoint", new byte[0]);
        CheckpointArchive.write(
                file, new CheckpointContents("1.2.3", "tiny", "{\"epoch\":3}", Map.of("output/W", Nd4j.ones(3, 4))));
        return read(file);
    }

    static byte[] dl4j() {
        Path file = Parser.file("seed.zip", new byte[0]);
        ComputationGraph graph = new ComputationGraph(smallGraph(8, 8));
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
