package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.transfer4j.dataset.TestDatasets.jpeg;
import static org.transfer4j.dataset.TestDatasets.ofLabels;
import static org.transfer4j.dataset.TestDatasets.write;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.label.MultiHotLabelEncoder;
import org.transfer4j.label.OneHotLabelEncoder;

/** One name is one label, in whichever of Unicode's forms it comes; names that look alike are warned of. */
class LabelFormTest {
    private static final String COMPOSED = "caf\u00e9";
    private static final String DECOMPOSED = "cafe\u0301";

    @TempDir
    Path root;

    private static List<String> warnings(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger("org.transfer4j");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            work.run();
        } finally {
            logger.detachAppender(lines);
        }
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void folderNamesAreComposed() throws IOException, InterruptedException {
        write(root.resolve("fish/1.jpg"), jpeg(1));
        write(root.resolve("data/fish/1.jpg"), jpeg(1));
        assertThat(new ProcessBuilder("/bin/sh", "-c", "mv fish \"$(printf 'data/cafe\\314\\201')\"")
                        .directory(root.toFile())
                        .start()
                        .waitFor())
                .isZero();
        Path data = root.resolve("data");
        if (System.getProperty("sun.jnu.encoding").equals("UTF-8")) {
            assertThat(ImageDataset.folder(data).classNames()).containsExactly(COMPOSED, "fish");
            write(data.resolve(COMPOSED + "/2.jpg"), jpeg(2));
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> ImageDataset.folder(data))
                    .withMessageContaining("two folders for the class '" + COMPOSED + "'")
                    .withMessageContaining("cafe%CC%81")
                    .withMessageContaining("caf%C3%A9");
        }
    }

    @Test
    void aLabelIsComposedWhereverItComesFrom() throws IOException {
        write(root.resolve("1.jpg"), jpeg(1));
        Path list = Files.writeString(root.resolve("list.csv"), "1.jpg," + DECOMPOSED + "\n1.jpg," + COMPOSED + "\n");
        assertThat(ImageDataset.csv(list).classNames()).containsExactly(COMPOSED);
        assertThat(ofLabels(List.of(DECOMPOSED, COMPOSED, "x")).classNames()).containsExactly(COMPOSED, "x");
        assertThat(ImageDataset.encoded(List.of(EncodedImage.of("a", DECOMPOSED, jpeg(1))))
                        .label(0))
                .isEqualTo(COMPOSED);
        MultiLabelDataset several =
                MultiLabelDataset.of(Nd4j.zeros(2, 1, 2, 2), List.of(List.of(DECOMPOSED, COMPOSED), Set.of("x")));
        assertThat(several.classNames()).containsExactly(COMPOSED, "x");
        assertThat(several.labels(0)).containsExactly(COMPOSED);
        assertThat(several.classCounts()).containsExactly(1, 1);
        assertThat(MultiLabelDataset.of(ofLabels(List.of(DECOMPOSED + "|x")), "|")
                        .labels(0))
                .containsExactly(COMPOSED, "x");
    }

    @Test
    void encodersKnowALabelInAnyForm() {
        OneHotLabelEncoder fitted = OneHotLabelEncoder.fit(DECOMPOSED, "x", COMPOSED);
        assertThat(fitted.classNames()).containsExactly(COMPOSED, "x");
        assertThat(fitted.classIndex(DECOMPOSED)).isZero();
        assertThat(fitted.decode(fitted.encode(DECOMPOSED))).containsExactly(COMPOSED);
        assertThat(OneHotLabelEncoder.sortedClasses(List.of(DECOMPOSED, COMPOSED)))
                .containsExactly(COMPOSED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OneHotLabelEncoder.ofClassNames(List.of(DECOMPOSED, COMPOSED)))
                .withMessageContaining("'" + COMPOSED + "' twice");
        assertThat(OneHotLabelEncoder.fromJson(OneHotLabelEncoder.ofClassNames(List.of("#"))
                                .toJson()
                                .replace("#", DECOMPOSED))
                        .classNames())
                .containsExactly(COMPOSED);
        MultiHotLabelEncoder several = MultiHotLabelEncoder.fit(List.of(Set.of(DECOMPOSED), Set.of("x")));
        assertThat(several.classNames()).containsExactly(COMPOSED, "x");
        assertThat(several.encode(List.of(Set.of(DECOMPOSED)))).isEqualTo(several.encode(List.of(Set.of(COMPOSED))));
    }

    @Test
    @Timeout(600)
    void whatWasNotDecodedOrIsNoCharacterIsNoLabel() {
        // the last would take a quarter of an hour to be put in order
        String marks = "x" + "\u0301".repeat(1_000_000) + "\u0316".repeat(1_000_000);
        // these are marks in the compatible form alone
        String halfWidth = "x" + "\uff9e\u0301".repeat(500_000) + "\uff9f\u0316".repeat(500_000);
        for (String label : new String[] {"\ufffd", "caf\ufffd", "\ud83d", "a\ude00", marks, halfWidth}) {
            assertThatExceptionOfType(DatasetException.class).isThrownBy(() -> ofLabels(List.of("a", label)));
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> MultiLabelDataset.of(ofLabels(List.of("a")), List.of(Set.of(label))));
            assertThatExceptionOfType(DatasetException.class).isThrownBy(() -> OneHotLabelEncoder.fit("a", label));
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> MultiHotLabelEncoder.ofClassNames(List.of(label)))
                    .withMessageContaining("label 0");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.of(Nd4j.zeros(2, 1, 2, 2), Arrays.asList("a", null)))
                .withMessageContaining("null at position 1");
    }

    /** A long run of what is put in order takes quadratic time: none may pass as one character after the other. */
    @Test
    @Timeout(600)
    void everyCharacterThatBeginsWithAMarkInTheCompatibleFormIsCounted() {
        for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
            if (Character.isDefined(character) && Character.getType(character) != Character.SURROGATE) {
                String text = Character.toString(character);
                // what is put in order comes behind U+0334, whose place is before nearly all others
                String ordered = Normalizer.normalize(text + "\u0334", Normalizer.Form.NFKD);
                if (ordered.codePointAt(0) == 0x334 && character != 0x334) {
                    assertThat(LabelText.unusable(text.repeat(31)))
                            .as(Integer.toHexString(character))
                            .isPresent();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "Cat,cat",
                "cat ,cat",
                "black  cat,black cat",
                "black\u00a0cat,black cat",
                "ca\u200bt,cat",
                "\ufeffcat,cat",
                "\uff23at,cat",
                "\ufb01sh,FISH",
                "Stra\u00dfe,STRASSE",
                "\u00c9t\u00e9,\u00e9t\u00e9",
                "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2,\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3"
            })
    void twinsAreWarnedOfAndStayTwo(String one, String other) {
        assertThat(warnings(
                        () -> assertThat(ofLabels(List.of(one, other, "dog")).classNames())
                                .hasSize(3)))
                .singleElement()
                .asString()
                .contains("differ only in case, white space or Unicode form", "'" + one + "'", "'" + other + "'");
        assertThat(warnings(() -> OneHotLabelEncoder.fit(one, other))).hasSize(1);
        assertThat(warnings(() -> MultiLabelDataset.of(
                        Nd4j.zeros(2, 1, 2, 2), List.of(Set.of(one, "dog"), Set.of(other, "dog")))))
                .hasSize(1);
    }

    @Test
    void nothingIsSaidOfOthers() {
        assertThat(warnings(() -> {
                    ofLabels(List.of("cat", "cart", "1", "01", "+1", "cafe", COMPOSED, "blackcat", "black cat"));
                    OneHotLabelEncoder.fit("cat", "cart");
                    MultiLabelDataset.of(Nd4j.zeros(2, 1, 2, 2), List.of(Set.of("a", "b"), Set.of("a b")));
                }))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"+1,-1,0", "-1,1,+2", "2,10,+3", "01,1,-0", "1.0,+1,-1", "\u0661,10,9", "' 1',10,9"})
    void datasetsAndEncodersHaveOneOrder(String first, String second, String third) {
        List<String> labels = List.of(first, second, third);
        assertThat(ofLabels(labels).classNames())
                .isEqualTo(OneHotLabelEncoder.fit(labels).classNames())
                .isEqualTo(MultiHotLabelEncoder.fit(List.of(labels)).classNames())
                .isEqualTo(MultiLabelDataset.of(Nd4j.zeros(1, 1, 2, 2), List.of(labels))
                        .classNames());
    }

    @Test
    void aBlankNameBesideOthersIsWarnedOf() {
        INDArray images = Nd4j.zeros(2, 3, 4, 4);
        String warning = "the dataset has a class whose name is blank, beside others: is a label missing?";
        assertThat(warnings(() -> ImageDataset.of(images, List.of("a", " ")))).containsExactly(warning);
        assertThat(warnings(() -> MultiLabelDataset.of(images, List.of(List.of("a"), List.of("")))))
                .contains(warning);
        // images for a prediction, whose labels are not known
        assertThat(warnings(() -> ImageDataset.of(images, List.of("", "")))).isEmpty();
    }
}
