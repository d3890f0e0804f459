package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.spark.api.python.PythonUtils;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.TransferLearner;

/** The calls that PySpark makes of stages, by their names at run time, since it was not to be had for a test of its own. */
class PythonCallsTest {
    private static SparkSession spark;

    @TempDir
    private static Path folder;

    private static Path extractor;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        extractor = folder.resolve("features.t4j");
        try (FeatureExtractor layers =
                TransferLearner.tinyVgg().inputSize(32, 32).extractor()) {
            layers.save(extractor);
        }
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Object call(Object on, String name, Class<?> parameter, Object argument) throws Exception {
        return on.getClass().getMethod(name, parameter).invoke(on, argument);
    }

    /** JavaParams._make_java_param_pair, and what becomes of the pair. */
    private static ParamPair<?> pair(PipelineStage stage, String name, Object value) {
        return stage.getParam(name).w(value);
    }

    @Test
    void aStageMadeByItsUidTakesValuesAndDefaultsAsPairs() throws Exception {
        PipelineStage stage = ImageFeaturizer.class.getConstructor(String.class).newInstance("ImageFeaturizer_1");
        assertThat(stage.uid()).isEqualTo("ImageFeaturizer_1");
        assertThat(Arrays.stream(stage.params()).map(Param::name))
                .containsExactlyInAnyOrder("errorCol", "extractor", "handleInvalid", "inputCol", "outputCol");
        assertThat(stage.params()).allMatch(param -> !param.doc().isEmpty());
        assertThat(stage.isSet(stage.getParam("inputCol"))).isFalse();
        assertThat(stage.getDefault(stage.getParam("inputCol")).get()).isEqualTo("content");
        assertThat(stage.hasDefault(stage.getParam("extractor"))).isFalse();

        call(stage, "set", ParamPair.class, pair(stage, "extractor", extractor.toString()));
        call(stage, "set", ParamPair.class, pair(stage, "outputCol", "vector"));
        Object defaults = PythonUtils.toSeq(List.of(pair(stage, "errorCol", "reason")));
        call(
                stage,
                "setDefault",
                stage.getClass().getClassLoader().loadClass("scala.collection." + sequence()),
                defaults);
        Dataset<Row> vectors = ((ImageFeaturizer) stage.copy(new ParamMap())).transform(ManyImages.of(spark, 3, 1));
        assertThat(vectors.columns()).containsExactly("id", "content", "vector", "reason");
        assertThat(vectors.first().<Vector>getAs("vector")).isNotNull();
    }

    /** Varargs of Scala 2.12 are of another type than those of 2.13. */
    private static String sequence() {
        return Arrays.stream(ImageFeaturizer.class.getMethods())
                .filter(method -> method.getName().equals("setDefault") && method.getParameterCount() == 1)
                .map(method -> method.getParameterTypes()[0].getName().replace("scala.collection.", ""))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aStageIsReadByTheStaticMethodOfItsClass() throws Exception {
        String path = folder.resolve("stage").toString();
        new ImageFeaturizer("read")
                .setExtractor(extractor.toString())
                .write()
                .overwrite()
                .save(path);
        MLReader<?> reader =
                (MLReader<?>) ImageFeaturizer.class.getMethod("read").invoke(null);
        assertThat(((PipelineStage) reader.load(path)).uid()).isEqualTo("read");
    }

    /** The Python module names classes of this package, and methods that they have. */
    @Test
    void theModuleNamesWhatIsThere() throws Exception {
        String module;
        try (InputStream resource = ImageFeaturizer.class.getResourceAsStream("__init__.py")) {
            module = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> stages = found(module, "class (\\w+)\\(.*JavaMLReadable");
        assertThat(stages).contains("ImageFeaturizer", "TransferModel");
        for (String name : stages) {
            Class<?> stage = Class.forName("org.transfer4j.spark." + name);
            assertThat(Modifier.isStatic(stage.getMethod("read").getModifiers()))
                    .isTrue();
            assertThat(PipelineStage.class).isAssignableFrom(stage);
        }
        for (String method : found(module, "self\\._java_obj\\.(\\w+)\\(")) {
            assertThat(TransferModel.class.getMethod(method)).isNotNull();
        }
    }

    private static List<String> found(String text, String pattern) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
    }
}
