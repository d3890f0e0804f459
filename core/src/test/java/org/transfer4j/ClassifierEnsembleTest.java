package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.error.MemoryLimitException;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.head.Head;
import org.transfer4j.internal.format.modelfile.ArchiveBuilding;
import org.transfer4j.internal.format.modelfile.EnsembleArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.preprocessing.Views;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** Classifiers of two backbones and sizes, one calibrated, one with its classes in another order, as one. */
class ClassifierEnsembleTest {
    private static final String MEMORY = "transfer4j.memory";
    private static final double ROUNDING = 1e-5;
    private static final List<String> NAMES = List.of("ant", "bee", "cat");

    private static ImageClassifier plain;
    private static ImageClassifier residual;
    private static ImageClassifier calibrated;
    private static ImageClassifier otherOrder;
    private static ClassifierEnsemble ensemble;

    @TempDir
    static Path shared;

    private static Path saved;

    @TempDir
    private Path folder;

    private static ImageDataset animals(int count) {
        return ImageDataset.of(
                Pictures.arrays(count),
                IntStream.range(0, count).mapToObj(i -> NAMES.get(i % 3)).toList());
    }

    @BeforeAll
    static void train() {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain()).weights(Weights.random());
        plain = learner.epochs(2).fit(animals(30));
        residual = TransferLearner.of(TinyBackbones.residual())
                .weights(Weights.random())
                .inputSize(12, 20)
                .head(Head.globalAveragePooling())
                .epochs(2)
                .fit(animals(30));
        calibrated = residual.calibrate(animals(60));
        ImageDataset later = ImageDataset.of(
                Pictures.arrays(8),
                IntStream.range(0, 8).mapToObj(i -> NAMES.get(1 + i % 2)).toList());
        try (ImageClassifier two = learner.seed(9).epochs(2).fit(later)) {
            otherOrder = two.learner().epochs(2).fit(animals(30));
        }
        ensemble = ClassifierEnsemble.of(List.of(plain, calibrated, otherOrder), List.of(1.0, 2.0, 5.0));
        saved = shared.resolve("ensemble.t4j");
        ensemble.save(saved);
    }

    @AfterAll
    static void close() {
        List.of(ensemble, plain, residual, calibrated, otherOrder).forEach(ImagePredictor::close);
    }

    @AfterEach
    void forgetTheLimit() {
        System.clearProperty(MEMORY);
    }

    private static void assertMean(Prediction mean, List<Prediction> members, double... weights) {
        double sum = 0;
        for (String name : NAMES) {
            double expected = 0;
            double all = 0;
            for (int i = 0; i < weights.length; i++) {
                expected += weights[i] * members.get(i).probability(name);
                all += weights[i];
            }
            assertThat(mean.probability(name)).isCloseTo(expected / all, within(ROUNDING));
            sum += mean.probability(name);
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
    }

    @Test
    void theProbabilitiesAreTheWeightedMean() {
        assertThat(otherOrder.classNames()).containsExactly("bee", "cat", "ant");
        assertThat(ensemble.classNames()).containsExactly("ant", "bee", "cat");
        for (int i = 0; i < 5; i++) {
            assertMean(
                    ensemble.predict(Pictures.image(i)),
                    List.of(
                            plain.predict(Pictures.image(i)),
                            calibrated.predict(Pictures.image(i)),
                            otherOrder.predict(Pictures.image(i))),
                    1,
                    2,
                    5);
        }
        try (ClassifierEnsemble same = ClassifierEnsemble.of(otherOrder, plain)) {
            assertThat(same.classNames()).containsExactly("bee", "cat", "ant");
            assertMean(
                    same.predict(Pictures.png(2)),
                    List.of(plain.predict(Pictures.png(2)), otherOrder.predict(Pictures.png(2))),
                    1,
                    1);
        }
    }

    @Test
    void datasetsAreAnsweredAndEvaluated() throws IOException {
        ImageDataset data = animals(40);
        List<Prediction> all = ensemble.predict(data);
        List<Prediction> again = ensemble.predict(data);
        double right = 0;
        double loss = 0;
        for (int i = 0; i < 40; i++) {
            assertMean(
                    all.get(i),
                    List.of(
                            plain.predict(data).get(i),
                            calibrated.predict(data).get(i),
                            otherOrder.predict(data).get(i)),
                    1,
                    2,
                    5);
            assertThat(all.get(i).top(3)).isEqualTo(again.get(i).top(3));
            right += all.get(i).label().equals(data.label(i)) ? 1 : 0;
            loss -= Math.log(all.get(i).probability(data.label(i))) / 40;
        }
        EvaluationReport report = ensemble.evaluate(data);
        assertThat(report.accuracy()).isEqualTo(right / 40);
        assertThat(report.loss()).isCloseTo(loss, within(1e-6));
        report.html(folder.resolve("report.html"));
        assertThat(folder.resolve("report.html"))
                .content()
                .contains("Ensemble of 3 classifiers", "1. Backbone", "2. Temperature", "3. Weight");
    }

    @Test
    void membersSeeTheViews() {
        Views views = Views.crops(0.7);
        assertMean(
                ensemble.predict(Pictures.image(1), views),
                List.of(
                        plain.predict(Pictures.image(1), views),
                        calibrated.predict(Pictures.image(1), views),
                        otherOrder.predict(Pictures.image(1), views)),
                1,
                2,
                5);
        assertThat(ensemble.evaluate(animals(9), views).loss())
                .isNotEqualTo(ensemble.evaluate(animals(9)).loss());
    }

    @Test
    void heldOutImagesOfAMemberSayNothingOfTheMean() {
        Prediction prediction = ensemble.predict(Pictures.image(1));
        assertThatIllegalStateException()
                .isThrownBy(() -> prediction.set(0.9))
                .withMessageContaining("mean of several views or classifiers");
        assertThatIllegalStateException().isThrownBy(prediction::isKnown);
    }

    @Test
    void aFileHasItAll() throws IOException {
        Path again = folder.resolve("again.t4j");
        try (ClassifierEnsemble loaded = ClassifierEnsemble.load(saved)) {
            assertThat(loaded.classNames()).isEqualTo(ensemble.classNames());
            List<Prediction> before = ensemble.predict(animals(10));
            List<Prediction> after = loaded.predict(animals(10));
            for (int i = 0; i < 10; i++) {
                assertThat(after.get(i).top(3)).isEqualTo(before.get(i).top(3));
            }
            loaded.save(again);
        }
        assertThat(again).hasSameBinaryContentAs(saved);
    }

    @Test
    void filesOfOneAndOfSeveralAreToldApart() {
        Path one = folder.resolve("one.t4j");
        plain.save(one);
        assertThatThrownBy(() -> ClassifierEnsemble.load(one))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("must be transfer4j-ensemble, but is transfer4j-model");
        assertThatThrownBy(() -> ImageClassifier.load(saved))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("must be transfer4j-model, but is transfer4j-ensemble");
    }

    @Test
    void eachOwnerClosesItsOwn() {
        ImageClassifier first = ImageClassifier.load(savedMember());
        ImageClassifier second = ImageClassifier.load(savedMember());
        ClassifierEnsemble both = ClassifierEnsemble.of(first, second);
        double expected = first.predict(Pictures.image(0)).probability("ant");
        first.close();
        assertThat(both.predict(Pictures.image(0)).probability("ant")).isCloseTo(expected, within(ROUNDING));
        both.close();
        both.close();
        assertThat(second.predict(Pictures.image(0)).probability("ant")).isCloseTo(expected, within(ROUNDING));
        second.close();
        for (Runnable use : List.<Runnable>of(
                () -> both.predict(Pictures.image(0)),
                () -> both.predict(animals(2)),
                () -> both.evaluate(animals(2)),
                both::classNames,
                () -> both.save(folder.resolve("closed.t4j")))) {
            assertThatIllegalStateException().isThrownBy(use::run).withMessage("the ensemble is closed");
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> ClassifierEnsemble.of(plain, first))
                .withMessage("the classifier is closed");
        assertThat(plain.predict(Pictures.image(0))).isNotNull();
    }

    private Path savedMember() {
        Path file = folder.resolve("member.t4j");
        plain.save(file);
        return file;
    }

    @Test
    void whatIsNoEnsembleIsRefused() {
        assertRefused("2 to 64 classifiers, got 1", List.of(plain), List.of(1.0));
        assertRefused("2 to 64 classifiers, got 65", Collections.nCopies(65, plain), Collections.nCopies(65, 1.0));
        List<ImageClassifier> two = List.of(plain, residual);
        assertRefused("of 2 classifiers has as many weights", two, List.of(1.0));
        for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e7}) {
            assertRefused("above 0 and at most 1,000,000, got [1.0, " + weight, two, List.of(1.0, weight));
        }
        try (ImageClassifier colours = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(Pictures.dataset(8))) {
            assertRefused(
                    "of the first and number 2 one alone has [ant, bee, blue, cat, red]",
                    List.of(plain, colours),
                    List.of(1.0, 1.0));
        }
        assertThat(plain.predict(Pictures.image(0))).isNotNull();
    }

    private static void assertRefused(String rule, List<ImageClassifier> classifiers, List<Double> weights) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ClassifierEnsemble.of(classifiers, weights))
                .withMessageContaining(rule);
    }

    @Test
    void severalLabelsAreAveragedEachAtOneHalf() {
        MultiLabelDataset data = MultiLabelDataset.of(
                animals(12),
                IntStream.range(0, 12)
                        .mapToObj(i -> i % 2 == 0 ? Set.of("red", "any") : Set.of("any"))
                        .toList());
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.flatten().multiLabel())
                .epochs(2);
        try (ImageClassifier one = learner.seed(1).fit(data);
                ImageClassifier tuned = one.calibrate(data);
                ImageClassifier other = learner.seed(2).fit(data);
                ClassifierEnsemble both = ClassifierEnsemble.of(tuned, other)) {
            Prediction prediction = both.predict(Pictures.image(1));
            double mean = (one.predict(Pictures.image(1)).probability("red")
                            + other.predict(Pictures.image(1)).probability("red"))
                    / 2;
            assertThat(prediction.probability("red")).isCloseTo(mean, within(ROUNDING));
            assertThat(prediction.labels().contains("red")).isEqualTo(mean > 0.5);
            Path file = folder.resolve("several.t4j");
            both.save(file);
            try (ClassifierEnsemble loaded = ClassifierEnsemble.load(file)) {
                assertThat(loaded.evaluate(data).loss())
                        .isEqualTo(both.evaluate(data).loss());
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> both.evaluate(animals(3)))
                    .withMessageContaining("MultiLabelDataset");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ensemble.evaluate(data))
                    .withMessageContaining("evaluate it on an ImageDataset");
            assertRefused("either all classifiers give each image one label", List.of(plain, one), List.of(1.0, 1.0));
        }
    }

    private Path forged(UnaryOperator<EnsembleArchive.Contents> change) {
        Path file = folder.resolve("forged.t4j");
        EnsembleArchive.write(file, change.apply(EnsembleArchive.read(saved, described -> {})));
        return file;
    }

    private static void assertDamaged(Path file, String rule) {
        assertThatThrownBy(() -> ClassifierEnsemble.load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(rule);
    }

    @Test
    void forgedWeightsAreRefused() {
        assertDamaged(
                forged(c -> with(c, List.of(1.0, 2.0), c.models())), "a weight and a backbone for each classifier");
        assertDamaged(forged(c -> with(c, List.of(1.0, 2.0, -1.0), c.models())), "has as many weights, each above 0");
        assertDamaged(forged(c -> with(c, List.of(1.0), c.models().subList(0, 1))), "2 to 64 classifiers, got 1");
    }

    private static EnsembleArchive.Contents with(
            EnsembleArchive.Contents contents, List<Double> weights, List<ModelContents> models) {
        return new EnsembleArchive.Contents(contents.libraryVersion(), weights, models);
    }

    @Test
    void aMemberOfOtherClassesIsRefused() {
        assertDamaged(
                forged(c -> {
                    List<ModelContents> models = new ArrayList<>(c.models());
                    models.set(
                            2,
                            named(
                                    models.get(2),
                                    List.of("bee", "cat", "dog"),
                                    models.get(2).weights()));
                    return with(c, c.weights(), models);
                }),
                "one alone has [ant, dog]");
    }

    @Test
    void aMemberWithoutSomeOfItsWeightsIsRefused() {
        assertDamaged(
                forged(c -> {
                    Map<String, INDArray> fewer =
                            new LinkedHashMap<>(c.models().get(1).weights());
                    fewer.remove("stem/W");
                    List<ModelContents> models = new ArrayList<>(c.models());
                    models.set(1, named(models.get(1), NAMES, fewer));
                    return with(c, c.weights(), models);
                }),
                "parameters, but it holds");
    }

    private static ModelContents named(ModelContents c, List<String> names, Map<String, INDArray> weights) {
        return new ModelContents(
                c.libraryVersion(),
                c.backbone(),
                c.topology(),
                c.network(),
                c.preprocessing(),
                names,
                c.history(),
                c.calibration(),
                weights);
    }

    @ParameterizedTest
    @CsvSource({
        "'\"version\":1', '\"version\":2', version 2 of an ensemble is unknown",
        "'\"weights\":[1.0,', '\"weights\":[1.0,1.0,', a weight and a backbone for each classifier",
        "'\"backbones\":[', '\"backbones\":[\"a\",', a weight and a backbone for each classifier",
        "'\"weights\":[1.0,', '\"weights\":[null,', ensemble.json",
        "'\"weights\":', '\"more\":[],\"weights\":', unknown field 'more'",
    })
    void forgedDescriptionsAreRefused(String from, String to, String rule) throws IOException {
        Map<String, byte[]> entries = entries();
        String text = new String(entries.get("ensemble.json"), StandardCharsets.UTF_8);
        assertThat(text).contains(from);
        entries.put("ensemble.json", text.replace(from, to).getBytes(StandardCharsets.UTF_8));
        assertDamaged(Files.write(folder.resolve("forged.t4j"), ArchiveBuilding.rebuilt(entries)), rule);
    }

    @Test
    void entriesOfNoMemberAreRefused() throws IOException {
        Map<String, byte[]> fewer = manifested(entries(), "\\{\"name\":\"2/history.json\"[^}]*\\},", "");
        fewer.remove("2/history.json");
        assertDamaged(
                Files.write(folder.resolve("forged.t4j"), ArchiveBuilding.rebuilt(fewer)),
                "the entries of format version 2");
        Map<String, byte[]> renamed = new LinkedHashMap<>();
        manifested(entries(), "\"name\":\"3/", "\"name\":\"4/")
                .forEach((name, bytes) -> renamed.put(name.replaceFirst("^3/", "4/"), bytes));
        assertDamaged(
                Files.write(folder.resolve("forged.t4j"), ArchiveBuilding.rebuilt(renamed)),
                "the entries of format version 2");
    }

    /** The same with another manifest. */
    private static Map<String, byte[]> manifested(Map<String, byte[]> entries, String from, String to) {
        String manifest = new String(entries.get("manifest.json"), StandardCharsets.UTF_8);
        String changed = manifest.replaceAll(from, to);
        assertThat(changed).isNotEqualTo(manifest);
        entries.put("manifest.json", changed.getBytes(StandardCharsets.UTF_8));
        return entries;
    }

    private static Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(saved.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    @Test
    void arraysOfNoMemberAreRefused() throws IOException {
        Map<String, byte[]> entries = entries();
        String arrays = new String(entries.get("weights.safetensors"), StandardCharsets.ISO_8859_1);
        entries.put(
                "weights.safetensors",
                arrays.replaceFirst("\"3/conv1", "\"4/conv1").getBytes(StandardCharsets.ISO_8859_1));
        assertDamaged(
                Files.write(folder.resolve("forged.t4j"), ArchiveBuilding.rebuilt(entries)),
                "1 of its arrays belong to none of its 3 classifiers");
    }

    @Test
    void damageIsFound() throws IOException {
        byte[] bytes = Files.readAllBytes(saved);
        bytes[bytes.length / 2] ^= 1;
        assertDamaged(Files.write(folder.resolve("damaged.t4j"), bytes), "damaged");
    }

    /** Each network fits in the memory that there is, all of them do not. */
    @Test
    void theMemoryOfAllIsProvenFirst() {
        System.setProperty(MEMORY, "60k");
        assertThatThrownBy(() -> ClassifierEnsemble.load(saved))
                .isInstanceOf(MemoryLimitException.class)
                .hasMessageContaining("an ensemble of 3 networks");
        plain.save(folder.resolve("one.t4j"));
    }
}
