package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.weights.MixedNetwork;
import org.transfer4j.internal.weights.WeightsLoader;
import org.transfer4j.testing.GoldenFiles;
import org.transfer4j.testing.RelativeL2;

/** Zips that DL4J has written, against the parameters of the networks that it wrote. */
class Dl4jModelFileTest {
    @TempDir
    Path folder;

    private Path save(ComputationGraph graph) throws IOException {
        Path file = folder.resolve("graph");
        graph.save(file.toFile(), true);
        return file;
    }

    /** A graph with two branches and layers of every kind that is read. */
    private static ComputationGraph graph(DataType type, boolean logarithms) {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(type)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(7, 6, 3))
                .addLayer(
                        "separable",
                        new SeparableConvolution2D.Builder(3, 3)
                                .depthMultiplier(2)
                                .nOut(5)
                                .build(),
                        "in")
                .addLayer(
                        "frozen",
                        new FrozenLayer(
                                new ConvolutionLayer.Builder(3, 3).nOut(4).build()),
                        "in")
                .addLayer(
                        "plain",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(3)
                                .hasBias(false)
                                .build(),
                        "separable")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "frozen")
                .addLayer(
                        "depthwise",
                        new DepthwiseConvolution2D.Builder(2, 3)
                                .depthMultiplier(2)
                                .build(),
                        "relu")
                .addLayer(
                        "normalization",
                        new BatchNormalization.Builder().useLogStd(logarithms).build(),
                        "plain")
                .addLayer("dense", new DenseLayer.Builder().nOut(6).build(), "depthwise")
                .addLayer(
                        "other", new DenseLayer.Builder().nOut(4).hasBias(false).build(), "normalization")
                .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "dense", "other")
                .setOutputs("out")
                .build();
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        for (Layer layer : graph.getLayers()) {
            layer.paramTable().forEach((name, values) -> {
                if (name.equals("mean") || name.equals("var") || name.equals("log10stdev")) {
                    values.assign(Nd4j.createFromArray(0.25f, 0.5f, 0.75f).castTo(type));
                }
            });
        }
        return graph;
    }

    private static void assertParameters(Layer[] layers, Path file) {
        try (WeightsFile weights = WeightsLoader.open(file)) {
            Map<String, StoredLayer> stored = new LinkedHashMap<>();
            weights.layers().forEach(layer -> stored.put(layer.name(), layer));
            int compared = 0;
            for (Layer layer : layers) {
                String name = layer.conf().getLayer().getLayerName();
                for (Map.Entry<String, INDArray> parameter : layer.paramTable().entrySet()) {
                    assertParameter(stored.get(name), parameter.getKey(), parameter.getValue());
                    compared++;
                }
            }
            assertThat(stored.values().stream()
                            .mapToInt(layer -> layer.arrays().size())
                            .sum())
                    .isEqualTo(compared);
        }
    }

    private static void assertParameter(StoredLayer layer, String parameter, INDArray values) {
        boolean logarithm = parameter.equals("log10stdev");
        String name = layer.name() + " " + (logarithm ? "var" : parameter);
        StoredArray array = layer.arrays().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        float[] expected = values.castTo(DataType.FLOAT).dup('c').data().asFloat();
        float[] actual = array.read(values.shape());
        for (int i = 0; i < expected.length; i++) {
            double wanted = logarithm ? Math.pow(10, 2.0 * expected[i]) : expected[i];
            assertThat((double) actual[i]).as("%s %d", name, i).isCloseTo(wanted, within(Math.abs(wanted) * 1e-6));
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT, false", "FLOAT, true", "DOUBLE, false", "HALF, false"})
    void everyParameterOfAGraphIsRead(DataType type, boolean logarithms) throws IOException {
        ComputationGraph graph = graph(type, logarithms);
        assertParameters(graph.getLayers(), save(graph));
    }

    @Test
    void everyParameterOfAMultiLayerNetworkIsRead() throws IOException {
        MultiLayerConfiguration configuration = new NeuralNetConfiguration.Builder()
                .list(
                        new ConvolutionLayer.Builder(3, 3).nOut(4).build(),
                        new DenseLayer.Builder().name("named").nOut(3).build(),
                        new OutputLayer.Builder().nOut(2).build())
                .setInputType(InputType.convolutional(4, 5, 3))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        Path file = folder.resolve("network.zip");
        network.save(file.toFile());
        assertParameters(network.getLayers(), file);
    }

    @Test
    void theMixedNetworkComesBackAsItWas() throws IOException {
        ComputationGraph graph = MixedNetwork.filled(MixedNetwork.file("mixed.safetensors"));
        INDArray expected = GoldenFiles.array("mixed/features.npy");
        assertThat(RelativeL2.worst(MixedNetwork.features(save(graph)), expected))
                .isLessThan(1e-6);
    }

    @Test
    void layersOfOtherKindsAreRefusedByName() throws IOException {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.recurrent(3))
                .addLayer("memory", new LSTM.Builder().nOut(2).build(), "in")
                .setOutputs("memory")
                .validateOutputLayerConfig(false)
                .build());
        graph.init();
        Path file = save(graph);
        assertThatThrownBy(() -> WeightsLoader.open(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("org.deeplearning4j.nn.conf.layers.LSTM")
                .hasMessageContaining("in the layer \"memory\"");
    }

    /** Copies a zip with one text in its configuration replaced. */
    private Path edited(String from, String to) throws IOException {
        Path original = save(graph(DataType.FLOAT, false));
        Path file = folder.resolve("edited.zip");
        try (ZipFile zip = new ZipFile(original.toFile());
                OutputStream out = Files.newOutputStream(file);
                ZipOutputStream copy = new ZipOutputStream(out)) {
            for (ZipEntry entry : List.copyOf(Collections.list(zip.entries()))) {
                copy.putNextEntry(new ZipEntry(entry.getName()));
                try (InputStream in = zip.getInputStream(entry)) {
                    byte[] bytes = in.readAllBytes();
                    String text = new String(bytes, StandardCharsets.ISO_8859_1);
                    boolean configuration = entry.getName().equals("configuration.json");
                    assertThat(!configuration || text.contains(from)).as(from).isTrue();
                    copy.write(configuration ? text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1) : bytes);
                }
            }
        }
        return file;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"nout\" : 4|\"nout\" : 5|numbers, but the network of its configuration has",
                "\"nout\" : 4|\"nout\" : 16777217|can't be in so small a file",
                "\"nout\" : 4|\"nout\" : -4|configuration",
                "\"kernelSize\" : [ 3, 3 ]|\"kernelSize\" : [ 3 ]|configuration",
                "\"kernelSize\" : [ 3, 3 ]|\"kernelSize\" : [ 2000000000, 2000000000 ]|configuration",
                "NCHW|NHWC|is of channels last",
                "\"vertices\"|\"vertexes\"|configuration",
                "\"in\"|\"plain\"|topologicalOrderStr",
                "org.deeplearning4j.nn.conf.layers.DenseLayer|com.example.Evil|\"com.example.Evil\"",
                "{|[|is not valid JSON",
            })
    void aConfigurationThatLiesIsRefused(String from, String to, String message) throws IOException {
        Path file = edited(from, to);
        assertThatThrownBy(() -> WeightsLoader.open(file))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining(message);
    }
}
