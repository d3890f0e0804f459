package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.modelfile.ModelArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.format.modelfile.NetworkDescription;
import org.transfer4j.internal.format.modelfile.TopologyJson;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/**
 * Model files whose checksums are right and whose network can't be computed, or not in the memory that there is: refused
 * when they are loaded, not when a prediction is wanted.
 */
class ForgedModelFileTest {
    private static final String MEMORY = "transfer4j.memory";

    @TempDir
    static Path shared;

    private static Path plain;
    private static Path normalized;

    @TempDir
    Path folder;

    @BeforeAll
    static void save() {
        plain = saved("plain.t4j", TinyBackbones.plain());
        normalized = saved(
                "normalized.t4j",
                Backbone.builder(
                                "normalized",
                                (height, width) -> new NeuralNetConfiguration.Builder()
                                        .graphBuilder()
                                        .addInputs("input")
                                        .setInputTypes(InputType.convolutional(height, width, 3))
                                        .addLayer(
                                                "norm",
                                                new BatchNormalization.Builder()
                                                        .useLogStd(false)
                                                        .build(),
                                                "input")
                                        .setOutputs("norm")
                                        .validateOutputLayerConfig(false)
                                        .build())
                        .inputSize(16, 16)
                        .minimumSize(8)
                        .build());
    }

    private static Path saved(String name, Backbone backbone) {
        Path file = shared.resolve(name);
        try (ImageClassifier classifier = TransferLearner.of(backbone)
                .weights(Weights.random())
                .head(Head.globalAveragePooling())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            classifier.save(file);
        }
        return file;
    }

    @AfterEach
    void forgetTheLimit() {
        System.clearProperty(MEMORY);
    }

    private Path forged(Path original, UnaryOperator<ModelContents> change) {
        Path file = folder.resolve("forged.t4j");
        ModelArchive.write(file, change.apply(ModelArchive.read(original, described -> {})));
        return file;
    }

    private static ModelContents with(
            ModelContents c, String topology, int height, int width, Map<String, INDArray> w) {
        NetworkDescription old = c.network();
        return new ModelContents(
                c.libraryVersion(),
                c.backbone(),
                topology,
                new NetworkDescription(
                        height,
                        width,
                        old.inputChannels(),
                        old.cutVertex(),
                        old.frozenLayers(),
                        old.batchStatistics(),
                        old.precision(),
                        old.algorithms()),
                c.preprocessing(),
                c.classNames(),
                c.history(),
                w);
    }

    private Path ofSize(int height, int width) {
        return forged(
                plain,
                c -> with(
                        c,
                        c.topology().replace("\"sizes\":[3,16,16]", "\"sizes\":[3," + height + "," + width + "]"),
                        height,
                        width,
                        c.weights()));
    }

    /** What the layers that were learned are compiled to is memory by then, which nobody else frees. */
    @Test
    void whatWasCompiledIsFreedWhereTheWeightsAreRefused() {
        int units = 1 << 19; // with weights of 23 MiB
        Path file = shared.resolve("wide.t4j");
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.globalAveragePooling().dense(units))
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            classifier.save(file);
        }
        Path forged = forged(file, c -> {
            c.weights().get("dense/W").putScalar(0, Float.NaN);
            return c;
        });
        assertRefused(forged, "dense");
        assertRefused(forged, "dense");
        long before = Pointer.physicalBytes();
        for (int i = 0; i < 8; i++) {
            assertRefused(forged, "dense");
        }
        assertThat(Pointer.physicalBytes()).isLessThan(before + (100L << 20));
    }

    private static void assertRefused(Path file, String rule) {
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(rule);
    }

    @ParameterizedTest
    @CsvSource({"4000, 4000", "1000000, 32", "32, 1000000"})
    void aSizeThatDoesNotFitTheMemoryIsRefusedByItsSetting(int height, int width) {
        System.setProperty(MEMORY, "200m");
        Path file = ofSize(height, width);
        assertThatThrownBy(() -> ImageClassifier.load(file))
                .isInstanceOf(MemoryLimitException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining("images of " + height + "x" + width)
                .hasMessageContaining("of the limit of 200 MB")
                .hasMessageContaining("-Dtransfer4j.memory=");
    }

    @ParameterizedTest
    @CsvSource({"2147483647, 2147483647", "1, 2147483647", "65536, 65536", "2147483647, 1"})
    void aSizeThatOverflowsIsRefused(int height, int width) {
        assertRefused(ofSize(height, width), "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'kernel':{'height':2,'width':2}|'kernel':{'height':1000,'width':1000}|its kernel is larger than its input",
                "'kernel':{'height':2,'width':2}|'kernel':{'height':30,'width':30}|its kernel is larger than its input",
                "'kernel':{'height':2,'width':2}|'kernel':{'height':0,'width':2}|kernel must be two numbers of 1 or more",
                "'kernel':{'height':2,'width':2}|'kernel':{'height':2}|the field 'width' is missing",
                "'kernel':{'height':2,'width':2}|'kernel':null|",
                "'kernel':{'height':2,'width':2}|'kernel':{'height':2147483647,'width':2147483647}|its kernel is larger",
                "'stride':{'height':2,'width':2}|'stride':{'height':1000,'width':1000}|its kernel is larger than its input of 1x1",
                "'stride':{'height':2,'width':2}|'stride':{'height':0,'width':0}|stride must be two numbers of 1 or more",
                "'stride':{'height':2,'width':2}|'stride':{'height':-2,'width':2}|stride must be two numbers of 1 or more",
                "'dilation':{'height':1,'width':1}|'dilation':{'height':0,'width':0}|dilation must be two numbers of 1",
                "'dilation':{'height':1,'width':1}|'dilation':{'height':1000000000,'width':9}|its kernel is larger",
                "'before':{'height':0,'width':0}|'before':{'height':3,'width':3}|padding as large as the kernel",
                "'before':{'height':1,'width':1}|'before':{'height':3,'width':3}|padding must be smaller than the window",
                "'before':{'height':0,'width':0}|'before':{'height':-1,'width':0}|padding must be two numbers of 0 or more",
                "'before':{'height':0,'width':0}|'before':{'height':2147483647,'width':1}|padding as large as the kernel",
                "'before':{'height':1,'width':1}|'before':{'height':2147483647,'width':1}|its numbers are too large",
                "'kind':'MAXIMUM'|'kind':null|",
                "'kind':'MAXIMUM'|'kind':'MEDIAN'|must be one of [MAXIMUM, MEAN_WITH_PADDING, MEAN_WITHOUT_PADDING]",
                "'type':'pooling'|'type':'java.lang.Runtime'|is of an unknown kind, 'java.lang.Runtime'",
                "'type':'pooling'|'type':'foreign'|is of an unknown kind, 'foreign'",
                "'inputs':3,'outputs':8|'inputs':4,'outputs':8|wants 4 channels, its input has 3",
                "'inputs':3,'outputs':8|'inputs':3,'outputs':2147483647|weights at most",
                "'inputs':3,'outputs':8|'inputs':3,'outputs':-8|its channels must be 1 or more",
                "'groups':1|'groups':2|divisible by its groups",
                "'inputs':['conv1']|'inputs':['conv2']|no layer named",
                "'inputs':['conv1']|'inputs':['conv1','conv1']|reads 1 values, got [conv1, conv1]",
                "'inputs':['conv1']|'inputs':[]|reads 1 values, got []",
                "'name':'pool1'|'name':'conv1'|two called conv1",
                "'function':'SOFTMAX'|'function':'IDENTITY'|a model has one output",
                "'output':'predictions'|'output':'pool1'|a model has one output",
                "'output':'predictions'|'output':'nothing'|no layer named",
                "'inputShape':{'sizes':[3,16,16]}|'inputShape':{'sizes':[3,16,17]}|its images must be [3, 16, 16]",
                "'to':{'sizes':[8]}|'to':{'sizes':[2,4]}|makes a vector or an image",
            })
    void layersThatCanNotBeComputedAreRefused(String from, String to, String rule) {
        Path file = forged(plain, c -> {
            assertThat(c.topology()).contains(from.replace('\'', '"'));
            return with(c, c.topology().replace(from.replace('\'', '"'), to.replace('\'', '"')), 16, 16, c.weights());
        });
        assertRefused(file, rule == null ? "" : rule);
    }

    /** As files of version 1 have it. */
    private static String inDl4j(ModelContents contents) {
        try {
            return Dl4jWriter.write(TopologyJson.read(contents.topology(), contents.network()), new Sgd())
                    .toJson();
        } catch (MalformedModelException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"kernelSize\" : [ 2, 2 ]|\"kernelSize\" : [ 1000, 1000 ]|must not be larger than the image",
                "\"kernelSize\" : [ 2, 2 ]|\"kernelSize\" : [ 30, 30 ]|must fit into the image",
                "\"kernelSize\" : [ 2, 2 ]|\"kernelSize\" : [ 0, 2 ]|kernelSize must be two numbers of 1 or more",
                "\"kernelSize\" : [ 2, 2 ]|\"kernelSize\" : [ 2 ]|kernelSize must be two numbers of 1 or more",
                "\"kernelSize\" : [ 2, 2 ]|\"kernelSize\" : null|kernelSize must be two numbers of 1 or more",
                "\"kernelSize\" : [ 2, 2 ]|\"kernelSize\" : [ 2147483647, 2147483647 ]|must not be larger",
                "\"stride\" : [ 2, 2 ]|\"stride\" : [ 1000, 1000 ]|must not be larger than the image",
                "\"stride\" : [ 2, 2 ]|\"stride\" : [ 0, 0 ]|stride must be two numbers of 1 or more",
                "\"stride\" : [ 2, 2 ]|\"stride\" : [ -2, 2 ]|stride must be two numbers of 1 or more",
                "\"dilation\" : [ 1, 1 ]|\"dilation\" : [ 0, 0 ]|dilation must be two numbers of 1 or more",
                "\"dilation\" : [ 1, 1 ]|\"dilation\" : [ 1000000000, 1000000000 ]|must not be larger",
                "\"padding\" : [ 0, 0 ]|\"padding\" : [ 3, 3 ]|padding must be 0 or more and smaller than the window",
                "\"padding\" : [ 0, 0 ]|\"padding\" : [ -1, 0 ]|padding must be 0 or more and smaller than the window",
                "\"padding\" : [ 0, 0 ]|\"padding\" : [ 2147483647, 1 ]|padding must be 0 or more",
                "\"cnn2dDataFormat\" : \"NCHW\"|\"cnn2dDataFormat\" : \"NHWC\"|images are [N, C, H, W]",
                "\"poolingType\" : \"MAX\"|\"poolingType\" : null|poolingType is not there",
                "\"poolingType\" : \"AVG\"|\"poolingType\" : null|poolingType is not there",
                "\"nin\" : 3|\"nin\" : 4|nIn must be what comes in",
                "\"nout\" : 8|\"nout\" : 2147483647|",
                "\"nout\" : 8|\"nout\" : -8|",
                "\"networkInputs\" : [ \"input\" ]|\"networkInputs\" : [ \"input\", \"input\" ]|",
                "\"pool1\" : [ \"conv1\" ]|\"pool1\" : [ \"conv2\" ]|must not form a circle",
                "ActivationSoftmax|ActivationIdentity|holds a regressor, which gives the numbers [blue, red]",
            })
    void layersOfDl4jThatCanNotBeComputedAreRefused(String from, String to, String rule) {
        Path file = forged(plain, c -> {
            String topology = inDl4j(c);
            assertThat(topology).contains(from);
            return with(c, topology.replace(from, to), 16, 16, c.weights());
        });
        assertRefused(file, rule == null ? "" : rule);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void weightsThatAreNoNumbersAreRefused(float value) {
        for (String name : List.of("conv1/W", "conv2/b", "predictions/W")) {
            Path file = forged(plain, c -> {
                Map<String, INDArray> weights = new LinkedHashMap<>(c.weights());
                INDArray changed = weights.get(name).dup('c');
                changed.putScalar(changed.length() - 1, value);
                weights.put(name, changed);
                return with(c, c.topology(), 16, 16, weights);
            });
            assertRefused(file, "the weights " + name + " must be finite, found " + value);
        }
    }

    @Test
    void aNegativeVarianceIsRefused() {
        Path file = forged(normalized, c -> {
            Map<String, INDArray> weights = new LinkedHashMap<>(c.weights());
            weights.put("norm/var", weights.get("norm/var").assign(-1));
            return with(c, c.topology(), 16, 16, weights);
        });
        assertRefused(file, "the weights norm/var must be finite and not negative, found -1.0");
    }

    @Test
    void weightsSoLargeThatNothingComesOutAreSaid() {
        Path file = forged(plain, c -> {
            Map<String, INDArray> weights = new LinkedHashMap<>();
            c.weights()
                    .forEach((name, value) -> weights.put(name, value.dup('c').assign(1e38)));
            return with(c, c.topology(), 16, 16, weights);
        });
        try (ImageClassifier classifier = ImageClassifier.load(file)) {
            assertThatThrownBy(() -> classifier.predict(Pictures.dataset(2)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("weights are too large");
        }
    }
}
