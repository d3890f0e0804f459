package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.swing.text.MutableAttributeSet;
import javax.swing.text.html.HTML;
import javax.swing.text.html.HTMLEditorKit;
import javax.swing.text.html.parser.ParserDelegator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.ModelCard;
import org.transfer4j.evaluation.MultiLabelAccumulator;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.head.Head;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.TrainingHistory;

/** The page as a parser sees it; {@link ReportPageInBrowserCheck} looks at it in a browser. */
class ReportPageTest {
    private static final String SCRIPT = "<script>alert('x')</script>";

    @TempDir
    private Path folder;

    private String page(EvaluationReport report) throws IOException {
        Path file = folder.resolve("report.html");
        report.html(file);
        return Files.readString(file);
    }

    /** The start tags, by name. */
    private static List<String> tags(String page) throws IOException {
        List<String> tags = new ArrayList<>();
        HTMLEditorKit.ParserCallback callback = new HTMLEditorKit.ParserCallback() {
            @Override
            public void handleStartTag(HTML.Tag tag, MutableAttributeSet attributes, int position) {
                tags.add(tag.toString());
            }

            @Override
            public void handleSimpleTag(HTML.Tag tag, MutableAttributeSet attributes, int position) {
                tags.add(tag.toString());
            }
        };
        new ParserDelegator().parse(new StringReader(page), callback, true);
        return tags;
    }

    private static long count(String page, String text) {
        return (page.length() - page.replace(text, "").length()) / (long) text.length();
    }

    private static EvaluationReport report(int classes, int images) {
        List<String> names =
                IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
        return report(names, images, index -> "photos/" + index + ".jpg");
    }

    private static EvaluationReport report(
            List<String> names, int images, java.util.function.IntFunction<String> paths) {
        float[][] rows = new float[images][names.size()];
        int[] actual = new int[images];
        for (int i = 0; i < images; i++) {
            actual[i] = i % names.size();
            // every third image is taken for the class after its own
            rows[i][(actual[i] + (i % 3 == 0 ? 1 : 0)) % names.size()] = 0.75f;
            rows[i][(actual[i] + (i % 3 == 0 ? 0 : 1)) % names.size()] = 0.25f;
        }
        EvaluationAccumulator accumulator = new EvaluationAccumulator(names);
        accumulator.add(Nd4j.createFromArray(rows), actual);
        return accumulator.report(paths, index -> new byte[0]);
    }

    @Test
    void aClassifiersPageHasAllThatIsKnownOfIt() throws IOException {
        ImageDataset pictures = Pictures.dataset(20);
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(2)
                .fit(pictures)) {
            String page = page(classifier.evaluate(pictures));

            for (String id :
                    List.of("figures", "training", "confusion", "pairs", "classes", "calibration", "hardest", "card")) {
                assertThat(count(page, "<section id=\"" + id + "\">")).as(id).isEqualTo(1);
            }
            assertThat(count(page, "<section"))
                    .isEqualTo(count(page, "</section>"))
                    .isEqualTo(8);
            assertThat(count(page, "<svg ")).isEqualTo(4);
            assertThat(count(page, "data:image/png;base64,")).isEqualTo(20);
            assertThat(page)
                    .contains("Total params")
                    .contains("Adam")
                    .contains("Transfer4J")
                    .contains("95% bootstrap");
            assertThat(tags(page)).contains("h1", "table", "style", "script");
        }
    }

    /** Also from a model file, and without the folder of a weights file. */
    @Test
    void theCardHasTheSeedAndWhoseTheWeightsAre() throws IOException {
        ImageDataset pictures = Pictures.dataset(12);
        Path file = folder.resolve("model.t4j");
        Path weights = folder.resolve("own.safetensors");
        TransferLearner learner = TransferLearner.tinyVgg().seed(4711).epochs(1);
        try (ImageClassifier classifier = learner.fit(pictures)) {
            classifier.save(file);
            classifier.saveBackboneWeights(weights);
        }
        try (ImageClassifier loaded = ImageClassifier.load(file)) {
            assertThat(page(loaded.evaluate(pictures)))
                    .contains("<th scope=\"row\">Seed</th><td>4711</td>")
                    .contains("CIFAR-10; Apache License 2.0");
        }
        try (ImageClassifier probe = learner.weights(Weights.file(weights)).probe(pictures)) {
            assertThat(page(probe.evaluate(pictures)))
                    .contains("<td>the file own.safetensors</td>")
                    .doesNotContain(folder.toString());
        }
    }

    /** But for the pictures, which are in it. */
    @Test
    void nothingIsLoaded() throws IOException {
        String page = page(report(3, 30)).replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assertThat(page).doesNotContain("http:").doesNotContain("https:").doesNotContain("url(");
        assertThat(page).doesNotContain("<link").doesNotContain("@import").doesNotContain("<iframe");
        assertThat(page).contains("Content-Security-Policy").contains("default-src 'none'");
        assertThat(page).contains("prefers-color-scheme: dark");
    }

    @Test
    void namesAndPathsAreTextWhateverTheyContain() throws IOException {
        List<String> names = List.of(SCRIPT, "\"><img src=x onerror=alert(1)>", "a&lt;b'c", "\u202egpj\u0000");
        EvaluationReport report = report(names, 40, index -> "</span>" + SCRIPT + index)
                .with(new ModelCard(
                        SCRIPT, TrainingHistory.empty(), "</pre>" + SCRIPT, Map.of(SCRIPT, "</table>" + SCRIPT)));
        String page = page(report);

        assertThat(count(page, "<script>")).isEqualTo(1);
        assertThat(page).contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        assertThat(page).contains("a&amp;lt;b&#39;c");
        assertThat(page).doesNotContain("<img src=x").doesNotContain("\u202e").doesNotContain("\u0000");
        assertThat(tags(page).stream().filter("script"::equals)).hasSize(1);
        assertThat(tags(page)).doesNotContain("img");
    }

    @Test
    void pathsCanBeLeftOut() throws IOException {
        String page = page(report(3, 30).withoutPaths());
        assertThat(page).doesNotContain("photos/").contains("image 0");
        assertThat(page(report(3, 30))).contains("photos/0.jpg");
    }

    @Test
    void fewAndManyClassesAreDrawn() throws IOException {
        String few = page(report(5, 50));
        // a name at each row and column, and a number in each cell
        assertThat(count(few, ">class 3</text>")).isEqualTo(2);
        assertThat(count(few, "<title>class 3 taken for class 3: ")).isEqualTo(1);

        String many = page(report(200, 2000));
        assertThat(count(many, ">class 3</text>")).isZero();
        assertThat(count(many, "<title>class 3 taken for class 3: ")).isEqualTo(1);
        assertThat(count(many, "<tr><th scope=\"row\">class 199</th>")).isBetween(1L, 2L);
        assertThat(many.length()).isLessThan(1_000_000);
    }

    @Test
    void whatWasAllRightHasNoConfusedPairs() throws IOException {
        EvaluationAccumulator accumulator = new EvaluationAccumulator(List.of("a", "b"));
        accumulator.add(Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}}), new int[] {0, 1});
        assertThat(page(accumulator.report())).contains("No image was taken for another class.");
    }

    @Test
    void aFileThatCannotBeWrittenIsAnErrorAndThePageBeforeItStays() throws IOException {
        EvaluationReport report = report(3, 30);
        assertThatThrownBy(() -> report.html(folder.resolve("missing").resolve("report.html")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("report.html");
        assertThatThrownBy(() -> report.html(folder)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(
                        () -> report.plotCalibration(folder.resolve("missing").resolve("a.png")))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void theSameReportIsTheSamePage() throws IOException {
        assertThat(page(report(4, 40))).isEqualTo(page(report(4, 40)));
    }

    @Test
    void picturesAreWrittenAsPngToo() throws IOException {
        Path png = folder.resolve("picture.png");
        report(5, 50).confusionMatrix().plot(png);
        BufferedImage matrix = ImageIO.read(png.toFile());
        assertThat(matrix.getWidth()).isGreaterThan(280);

        report(200, 2000).confusionMatrix().plot(png);
        assertThat(ImageIO.read(png.toFile()).getWidth()).isBetween(800, 900);

        report(5, 50).plotCalibration(png);
        assertThat(ImageIO.read(png.toFile()).getWidth()).isEqualTo(560);
    }

    @Test
    void anImageThatIsGoneIsLeftOut() throws IOException {
        Path photos = folder.resolve("photos");
        for (int i = 0; i < 8; i++) {
            Path label = Files.createDirectories(photos.resolve("class" + i % 2));
            Files.write(label.resolve(i + ".png"), Pictures.png(i));
        }
        ImageDataset data = ImageDataset.folder(photos);
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(data)) {
            EvaluationReport report = classifier.evaluate(data);
            Files.delete(photos.resolve("class0").resolve("4.png"));
            String page = page(report);
            assertThat(count(page, "data:image/png;base64,")).isEqualTo(7);
            assertThat(page).contains("4.png");
        }
    }

    @Test
    void hardestImagesAreShownWithWhereTheNetworkLooks() throws IOException {
        ImageDataset data = Pictures.dataset(6);
        try (ImageClassifier classifier = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(1)
                .fit(data)) {
            Explainer explainer = classifier.explainer();
            EvaluationReport report = classifier
                    .evaluate(data)
                    .withHeatMaps(i -> explainer.explain(data.image(i)).overlay());
            String page = page(report);
            assertThat(count(page, "data:image/png;base64,")).isEqualTo(12);
            assertThat(page).contains("where the network looks", "class=\"images pairs\"");
            assertThat(page(report.withoutPaths())).doesNotContain("data:image/png;base64,", "where the network looks");
        }
    }

    @Test
    void whatWasFoundInTheDataIsTold() throws IOException {
        List<EncodedImage> images = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            images.add(EncodedImage.of(SCRIPT + i, i % 2 == 0 ? "red" : "blue", Pictures.png(i == 11 ? 1 : i)));
        }
        DatasetInspection found = DatasetInspection.of(TransferLearner.tinyVgg(), ImageDataset.encoded(images));
        EvaluationReport report = report(4, 40).with(found);
        String page = page(report);
        assertThat(page)
                .contains(
                        "<section id=\"data\">",
                        "12 images of 2 classes",
                        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;11")
                .doesNotContain(SCRIPT);
        assertThat(page(report.withoutPaths()))
                .contains("12 images of 2 classes")
                .doesNotContain("&lt;script&gt;");
    }

    @Test
    void severalLabelsHaveTheirPage() throws IOException {
        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(List.of("sky", SCRIPT));
        accumulator.add(
                Nd4j.createFromArray(new float[][] {{0.9f, 0.2f}, {0.3f, 0.8f}, {0.6f, 0.7f}}),
                Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}, {0, 1}}));
        Path file = folder.resolve("labels.html");
        ModelCard card = new ModelCard("Photos", TrainingHistory.empty(), "net", Map.of("Seed", "7"));
        MultiLabelReport report = accumulator
                .report(List.of(0.5, 0.75))
                .with(card)
                .withImages(i -> SCRIPT + i, i -> i == 2 ? Pictures.png(i) : new byte[0]);
        report.withoutPaths().html(file);
        assertThat(tags(Files.readString(file))).doesNotContain("img");
        assertThat(Files.readString(file)).contains("image 2");
        report.html(file);
        String page = Files.readString(file);
        assertThat(tags(page)).contains("table", "h1").containsOnlyOnce("img");
        // the third image has the largest loss and no label but the wrong one, the last the least
        assertThat(page.substring(page.indexOf("<section id=\"hardest\">")))
                .containsSubsequence(
                        "&lt;script&gt;",
                        "taken for <b>sky</b><br>loss 0.636<br>",
                        "&lt;script&gt;",
                        "loss 0.290<br>",
                        "<b>sky</b><br>loss 0.164<br>");
        assertThat(page).contains("In small print: 95% bootstrap intervals.", "mean average precision");
        // sky: given to the first and third, right for one of them
        assertThat(page)
                .contains("<title>Photos</title>", "&lt;script&gt;", "0.750", "Seed", "all labels right")
                .contains("<th scope=\"row\">sky</th><td class=\"number\">0.500</td><td class=\"number\">1.000</td>")
                .doesNotContain(SCRIPT);
        assertThatThrownBy(() ->
                        accumulator.report().html(folder.resolve("missing").resolve("a.html")))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void severalLabelsHaveHeatMapsAndWhatWasFound() throws IOException {
        ImageDataset images = Pictures.dataset(12);
        MultiLabelDataset data = MultiLabelDataset.of(
                images,
                IntStream.range(0, 12)
                        .mapToObj(i -> Set.of(i < 3 ? "a" : SCRIPT))
                        .toList());
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .head(Head.flatten().multiLabel())
                .epochs(1);
        try (ImageClassifier classifier = learner.fit(data)) {
            Explainer explainer = classifier.explainer();
            MultiLabelReport report = classifier
                    .evaluate(data)
                    .with(DatasetInspection.of(learner, images))
                    .withHeatMaps(i -> explainer.explain(images.image(i)).overlay());
            Path file = folder.resolve("labels.html");
            report.html(file);
            String page = Files.readString(file);
            assertThat(count(page, "data:image/png;base64,")).isEqualTo(24);
            assertThat(page)
                    .contains("where the network looks", "<section id=\"data\">", "12 images of ")
                    .doesNotContain(SCRIPT);
            report.withoutPaths().html(file);
            assertThat(Files.readString(file))
                    .contains("<section id=\"data\">", "12 images of ")
                    .doesNotContain("data:image/png;base64,", "where the network looks");
        }
    }

    @Test
    void imagesWithoutAnOverlayAreLeftOut() throws IOException {
        EvaluationReport report = report(2, 4);
        assertThat(page(report.withHeatMaps(i -> null))).doesNotContain("data:image/png;base64,");
    }
}
