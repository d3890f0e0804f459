package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.MultiLabelAccumulator;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.testing.Pictures;

/**
 * Pages in headless Chromium, which sorts a table and refuses what names contain: their DOM, and pictures to be looked at.
 * Not part of the ordinary tests, since it needs a browser: the profile {@code browser} runs it, as CONTRIBUTING says.
 */
class ReportPageInBrowserCheck {
    private static final String ATTACK =
            "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">";

    @TempDir
    private Path folder;

    private Path page(int classes) {
        List<String> names = new ArrayList<>(
                IntStream.range(1, classes).mapToObj(i -> "class " + i).toList());
        names.add(ATTACK);
        float[][] rows = new float[10 * classes][classes];
        int[] actual = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            actual[i] = i % classes;
            rows[i][(actual[i] + (i % 7 == 0 ? 1 : 0)) % classes] = 1;
        }
        EvaluationAccumulator accumulator = new EvaluationAccumulator(names);
        accumulator.add(Nd4j.createFromArray(rows), actual);
        Path page = folder.resolve(classes + ".html");
        accumulator.report(index -> ATTACK, index -> new byte[0]).html(page);
        return page;
    }

    private static String browser(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(System.getProperty("browser", "chromium"), "--headless=new", "--no-sandbox", "--disable-gpu"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void theDomHasWhatThePageSays() throws Exception {
        for (int classes : new int[] {5, 200}) {
            Path page = page(classes);
            String dom = browser("--dump-dom", page.toUri().toString());
            assertThat(dom).contains("<title>Evaluation</title>").doesNotContain("<img");
            assertThat(dom.split("<section id=", -1)).hasSize(7);
            assertThat(dom.split("<rect ", -1).length).isGreaterThan(classes);
            picture(page, classes + ".png");
        }
    }

    /** Names are those of files and classes here, too, and copies of the images are shown. */
    @Test
    void theInspectionsDomHasWhatThePageSays() throws Exception {
        List<EncodedImage> images = new ArrayList<>(IntStream.range(0, 40)
                .mapToObj(i -> EncodedImage.of(ATTACK + i, i % 2 == 0 ? "red" : ATTACK, Pictures.png(i)))
                .toList());
        images.add(EncodedImage.of(ATTACK, "red", Pictures.png(1)));
        images.add(EncodedImage.of(ATTACK, "red", new byte[] {1, 2, 3}));
        Path page = folder.resolve("inspection.html");
        DatasetInspection.of(TransferLearner.tinyVgg(), ImageDataset.encoded(images))
                .html(page);
        String dom = browser("--dump-dom", page.toUri().toString());
        assertThat(dom)
                .contains("<title>Inspection</title>", "<section id=\"unreadable\">", "<section id=\"contradictions\">")
                .doesNotContain("src=\"x\"");
        assertThat(dom.split("<img ", -1)).hasSizeGreaterThan(3);
        picture(page, "inspection.png");
    }

    /** A report with all that is shown by choice, and that of several labels. */
    @Test
    void whatIsShownByChoiceIsInTheDom() throws Exception {
        List<EncodedImage> images = new ArrayList<>(IntStream.range(0, 40)
                .mapToObj(i -> EncodedImage.of("photos/" + i, i % 2 == 0 ? "red" : "blue", Pictures.png(i)))
                .toList());
        images.add(EncodedImage.of(ATTACK, "red", Pictures.png(1)));
        ImageDataset data = ImageDataset.encoded(images);
        TransferLearner learner = TransferLearner.tinyVgg();
        Path page = folder.resolve("chosen.html");
        try (ImageClassifier classifier = learner.epochs(3).fit(data)) {
            Explainer explainer = classifier.explainer();
            classifier
                    .evaluate(data)
                    .with(DatasetInspection.of(learner, data))
                    .withHeatMaps(i -> explainer.explain(data.image(i)).overlay())
                    .html(page);
        }
        String dom = browser("--dump-dom", page.toUri().toString());
        assertThat(dom).contains("<section id=\"data\">").doesNotContain("src=\"x\"");
        assertThat(dom.split("<img ", -1)).hasSize(83);
        picture(page, "chosen.png");

        MultiLabelAccumulator accumulator = new MultiLabelAccumulator(List.of("sky", "sea", ATTACK));
        accumulator.add(Nd4j.rand(60, 3), Nd4j.rand(60, 3));
        Path labels = folder.resolve("labels.html");
        accumulator
                .report()
                .withImages(i -> "photos/" + i + ATTACK, i -> Pictures.png(i))
                .html(labels);
        String shown = browser("--dump-dom", labels.toUri().toString());
        assertThat(shown)
                .contains("<section id=\"classes\">", "<section id=\"hardest\">")
                .doesNotContain("src=\"x\"");
        assertThat(shown.split("<img ", -1)).hasSize(49);
        picture(labels, "labels.png");
    }

    @Test
    void numbersHaveTheirPage() throws Exception {
        double[][] actual = new double[60][];
        double[][] predicted = new double[60][];
        for (int i = 0; i < actual.length; i++) {
            actual[i] = new double[] {i, 1e-3 * i};
            predicted[i] = new double[] {i + Math.sin(i), 1e-3 * (i % 7)};
        }
        Path page = folder.resolve("numbers.html");
        RegressionReport.of(List.of("age", ATTACK), predicted, actual)
                .withImages(i -> ATTACK + i, i -> Pictures.png(i))
                .html(page);
        String dom = browser("--dump-dom", page.toUri().toString());
        assertThat(dom).contains("<section id=\"targets\">").doesNotContain("src=\"x\"");
        assertThat(dom.split("<img ", -1)).hasSize(49);
        picture(page, "numbers.png");
    }

    /** A click on a heading, by a line that is added to a copy of the page. */
    @Test
    void aTableIsSortedByItsHeadings() throws Exception {
        Path page = page(5);
        String clicking = Files.readString(page)
                .replace(
                        "</script>\n</body>",
                        "document.querySelector('#classes th.number button').click();</script>\n</body>");
        Path clicked = Files.writeString(folder.resolve("clicked.html"), clicking);
        String dom = browser("--dump-dom", clicked.toUri().toString());

        assertThat(dom).contains("aria-sort=\"descending\"");
        String rows = dom.substring(dom.indexOf("<section id=\"classes\">"));
        rows = rows.substring(rows.indexOf("<tbody>"), rows.indexOf("</tbody>"));
        double before = Double.POSITIVE_INFINITY;
        for (String row : rows.split("</tr>", -1)) {
            int start = row.indexOf("<td class=\"number\">");
            if (start >= 0) {
                double precision = Double.parseDouble(row.substring(start + 19, row.indexOf("</td>", start)));
                assertThat(precision).isLessThanOrEqualTo(before);
                before = precision;
            }
        }
        assertThat(before).isFinite();
    }

    /** For light screens and, as if they were all screens, for dark ones. */
    private static void picture(Path page, String name) throws Exception {
        String target = System.getProperty("browser.pictures");
        if (target != null) {
            Path folder = Files.createDirectories(Path.of(target).toAbsolutePath());
            String light = Files.readString(page);
            String dark = light.replace("(prefers-color-scheme: dark)", "all");
            assertThat(dark).isNotEqualTo(light);
            Path darkPage = Files.writeString(page.resolveSibling("dark.html"), dark);
            for (Path each : new Path[] {page, darkPage}) {
                Path picture = folder.resolve(each == page ? name : "dark-" + name);
                browser(
                        "--window-size=1450,5400",
                        "--screenshot=" + picture,
                        each.toUri().toString());
                assertThat(picture).isNotEmptyFile();
            }
        }
    }
}
