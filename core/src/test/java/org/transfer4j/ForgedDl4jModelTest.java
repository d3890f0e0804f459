package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.testing.IntegerImages;

/** Files of DL4J that nobody vouches for: a {@link ModelFileException}, and no class of theirs is loaded. */
@Timeout(120)
class ForgedDl4jModelTest {
    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";

    @TempDir
    Path folder;

    private String graph;
    private String row;
    private byte[] coefficients;

    @BeforeEach
    void write() throws IOException {
        NeuralNetConfiguration.Builder settings = new NeuralNetConfiguration.Builder().seed(1);
        ComputationGraph network = new ComputationGraph(settings.graphBuilder()
                .addInputs("images")
                .setInputTypes(InputType.convolutional(12, 12, 3))
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "images")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addLayer("pool", new GlobalPoolingLayer(), "norm")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "pool")
                .setOutputs("out")
                .build());
        network.init();
        Path file = folder.resolve("whole.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        graph = new String(entry(file, CONFIGURATION), StandardCharsets.UTF_8);
        coefficients = entry(file, COEFFICIENTS);
        MultiLayerNetwork layers = new MultiLayerNetwork(settings.list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(4).build())
                .layer(new OutputLayer.Builder()
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(12, 12, 3))
                .build());
        layers.init();
        row = layers.getLayerWiseConfigurations().toJson();
    }

    private static byte[] entry(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.getInputStream(zip.getEntry(name)).readAllBytes();
        }
    }

    private Path file(String configuration, byte[] values) throws IOException {
        Path file = folder.resolve("forged.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(CONFIGURATION));
            zip.write(configuration.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry(COEFFICIENTS));
            zip.write(values);
            // what DL4J would hand to Java serialization
            zip.putNextEntry(new ZipEntry("normalizer.bin"));
            zip.write(new byte[] {(byte) 0xAC, (byte) 0xED, 0, 5, 0x73});
        }
        return file;
    }

    private static void features(Path file) {
        TransferLearner.of(Backbone.dl4j(file))
                .inputSize(12, 12)
                .features(ImageDataset.of(IntegerImages.rgb(1, 12, 12), new int[1]));
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> features(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void classesThatAreNotKnownAreNotLoaded() throws IOException {
        String evil = "javax.swing.JEditorPane";
        String layer = ConvolutionLayer.class.getName();
        assertRefused(file(graph.replace(layer, evil), coefficients), "@class is \"" + evil + "\"");
        assertRefused(file(row.replace(layer, evil), coefficients), "@class is \"" + evil + "\"");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        assertRefused(folder.resolve("nowhere.zip"), "there is no such file");
        assertRefused(Files.writeString(folder.resolve("text.zip"), "words"), "is no zip file of DL4J, or damaged");
        Path empty = folder.resolve("empty.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(empty))) {
            zip.putNextEntry(new ZipEntry("other"));
        }
        assertRefused(empty, "has no entry called configuration.json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "7",
                "{",
                "{}",
                "{\"confs\": []}",
                "{\"confs\": [null]}",
                "{\"vertices\": {}}",
                "{\"vertices\": 5}",
                "{\"confs\": [{\"layer\": null}], \"inputPreProcessors\": {}}"
            })
    void otherJsonIsRefused(String json) throws IOException {
        assertRefused(file(json, coefficients), "");
    }

    @Test
    void aCircleIsRefused() throws IOException {
        String circle = graph.replace("\"conv\" : [ \"images\" ]", "\"conv\" : [ \"norm\" ]");
        assertRefused(file(circle, coefficients), "must not form a circle");
    }

    @Test
    void hugeLayersAreRefused() throws IOException {
        assertRefused(file(graph.replace("\"nout\" : 4", "\"nout\" : 2000000000"), coefficients), "so small a file");
        assertRefused(file(graph.replace("\"nout\" : 4", "\"nout\" : 5"), coefficients), "but the network");
        assertRefused(file(graph.replace("\"nout\" : 4", "\"nout\" : -4"), coefficients), "");
    }

    @ParameterizedTest
    @CsvSource({
        "MIXED_DATA_TYPES, 6, LONG, 999999999999, FLOAT, but the network of its configuration has",
        "MIXED_DATA_TYPES, 6, LONG, -1, FLOAT, has the length",
        "MIXED_DATA_TYPES, 6, LONG, 138, FLOAT, ends early",
        "MIXED_DATA_TYPES, 6, LONG, 138, UTF8, holds values of the type",
        "MIXED_DATA_TYPES, 4611686018427387904, LONG, 138, FLOAT, has a shape of",
        "MIXED_DATA_TYPES, -6, LONG, 138, FLOAT, has a shape of",
        "MIXED_DATA_TYPES, 6, FLOAT, 138, FLOAT, has a shape of",
        "MIXED_DATA_TYPES, 6, LONG, 4611686018427387904, DOUBLE, has the length",
        "STACK, 6, LONG, 138, FLOAT, has the allocation mode",
    })
    void forgedHeadersAreRefused(
            String allocation, long shape, String shapeType, long length, String type, String reason)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(bytes);
        output.writeUTF(allocation);
        output.writeLong(shape);
        output.writeUTF(shapeType);
        for (int i = 0; i < 6; i++) {
            output.writeLong(1);
        }
        output.writeUTF("MIXED_DATA_TYPES");
        output.writeLong(length);
        output.writeUTF(type);
        assertRefused(file(graph, bytes.toByteArray()), reason);
    }

    @Test
    void damageAnywhereIsRefusedOrHarmless() throws IOException {
        Random random = new Random(17);
        byte[] text = graph.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 60; i++) {
            byte[] changedText = text.clone();
            byte[] changedValues = coefficients.clone();
            byte[] changed = i % 2 == 0 ? changedText : changedValues;
            for (int change = 0; change < 3; change++) {
                // what stands at the beginning of the values is their header
                int bound = i % 4 == 1 ? 100 : changed.length;
                changed[random.nextInt(bound)] = (byte) random.nextInt(256);
            }
            Path file = file(new String(changedText, StandardCharsets.ISO_8859_1), changedValues);
            try {
                features(file);
            } catch (ModelFileException | IllegalArgumentException expected) {
                // as it should be
            }
        }
    }
}
