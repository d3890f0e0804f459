package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.swing.text.MutableAttributeSet;
import javax.swing.text.html.HTML;
import javax.swing.text.html.HTMLEditorKit;
import javax.swing.text.html.parser.ParserDelegator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

/** The page of a regressor's evaluation. */
class RegressionPageTest {
    @TempDir
    private Path folder;

    private String page(RegressionReport report) throws IOException {
        Path file = folder.resolve("report.html");
        report.html(file);
        String page = Files.readString(file);
        // its script knows what is not a number; no figure is none
        assertThat(page.substring(0, page.lastIndexOf("<script>"))).doesNotContain("NaN");
        return page;
    }

    private static long count(String page, String text) {
        return (page.length() - page.replace(text, "").length()) / (long) text.length();
    }

    /** The start tags, by name. */
    private static List<String> tags(String page) throws IOException {
        List<String> tags = new ArrayList<>();
        HTMLEditorKit.ParserCallback callback = new HTMLEditorKit.ParserCallback() {
            @Override
            public void handleStartTag(HTML.Tag tag, MutableAttributeSet attributes, int position) {
                tags.add(tag.toString());
            }
        };
        new ParserDelegator().parse(new StringReader(page), callback, true);
        return tags;
    }

    private static RegressionReport report(List<String> names, int images) {
        double[][] actual = new double[images][names.size()];
        double[][] predicted = new double[images][names.size()];
        for (int i = 0; i < images; i++) {
            for (int t = 0; t < names.size(); t++) {
                actual[i][t] = 10 * t + i % 7;
                predicted[i][t] = actual[i][t] + (i % 5 - 2) * 0.5;
            }
        }
        return RegressionReport.of(names, predicted, actual);
    }

    @Test
    void aRegressorsPageHasAllThatIsKnownOfIt() throws IOException {
        RegressionDataset pictures = RegressionDataset.of(
                        Pictures.dataset(20),
                        IntStream.range(0, 20)
                                .mapToDouble(i -> i % 2 + i / 20.0)
                                .toArray())
                .named("hue");
        try (ImageRegressor regressor = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .epochs(3)
                .fit(pictures)) {
            String page = page(regressor.evaluate(pictures));
            List<String> sections =
                    List.of("figures", "training", "predictions", "errors", "targets", "largest", "card");
            for (String id : sections) {
                assertThat(count(page, "<section id=\"" + id + "\">")).as(id).isEqualTo(1);
            }
            assertThat(count(page, "<section"))
                    .isEqualTo(count(page, "</section>"))
                    .isEqualTo(sections.size());
            // the loss alone, the predictions, the errors
            assertThat(count(page, "<svg ")).isEqualTo(3);
            assertThat(count(page, "<circle ")).isGreaterThanOrEqualTo(20);
            assertThat(count(page, "data:image/png;base64,")).isEqualTo(20);
            assertThat(page)
                    .contains("plain regressor")
                    .contains("<th scope=\"row\">Targets</th><td>hue</td>")
                    .contains("95% bootstrap")
                    .doesNotContain("accuracy");
            assertThat(tags(page)).contains("h1", "table", "style", "script");
            String pairs = page(regressor
                    .evaluate(pictures)
                    .withHeatMaps(i -> new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB)));
            assertThat(count(pairs, "data:image/png;base64,")).isEqualTo(40);
            String plain = page(regressor.evaluate(pictures).withoutPaths());
            assertThat(plain)
                    .doesNotContain("picture 3")
                    .doesNotContain("data:image/png")
                    .contains("image 3");
        }
    }

    @Test
    void namesAndPathsAreEscaped() throws IOException {
        String evil = "<script>alert(1)</script>\"'&";
        String page = page(report(List.of(evil, "b"), 12).withImages(i -> evil + i, i -> new byte[0]));
        assertThat(page).doesNotContain("<script>alert").contains("&lt;script&gt;alert(1)&lt;/script&gt;");
        assertThat(count(page, "<script>")).isEqualTo(1);
        assertThat(tags(page).stream().filter("script"::equals)).hasSize(1);
    }

    /** However many images and targets there are, a page can be opened. */
    @Test
    void manyImagesAndTargetsMakeNoHugePage() throws IOException {
        List<String> names = IntStream.range(0, 14).mapToObj(i -> "target " + i).toList();
        String page = page(report(names, 1_200));
        assertThat(count(page, "<svg ")).isEqualTo(2 * 12);
        assertThat(count(page, "<circle ")).isEqualTo(12 * 1_000);
        assertThat(count(page, "<tr><th scope=\"row\">target ")).isEqualTo(14);
        assertThat(count(page, "<figure>")).isEqualTo(48);
        assertThat(page).contains("mean of targets");
    }

    /** One image, all right, all the same: nothing to divide by. */
    @Test
    void whereNothingVariesThereIsAPageToo() throws IOException {
        double[][] same = {{3, 0}, {3, 0}};
        assertThat(page(RegressionReport.of(List.of("a", "b"), same, same))).contains("<svg ");
        double[][] one = {{1}};
        assertThat(page(RegressionReport.of(List.of("a"), one, new double[][] {{2}})))
                .contains("<dt>R2</dt><dd>-</dd>");
    }

    @Test
    void aPictureOfATargetIsWritten() throws IOException {
        Path file = folder.resolve("age.png");
        report(List.of("age", "size"), 60).plot("size", file);
        BufferedImage picture = ImageIO.read(file.toFile());
        assertThat(picture.getWidth()).isEqualTo(1_120);
        assertThat(picture.getHeight()).isEqualTo(480);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> report(List.of("age"), 3).plot("size", file))
                .withMessageContaining("the targets are [age]");
        assertThatThrownBy(() -> report(List.of("age"), 3).html(folder.resolve("no/report.html")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("no");
    }
}
