package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectAndReportTest {
    @Test
    void findsWhatWasPlanted(@TempDir Path folder) throws Exception {
        Path page = folder.resolve("inspection.html");
        Path report = folder.resolve("report.html");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int exitCode = InspectAndReport.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--limit",
                "400",
                "--side",
                "32",
                "--page",
                page.toString(),
                "--report",
                report.toString());
        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(exitCode).as(text).isZero();
        assertThat(text)
                .contains("Images that can't be read: 4\n")
                .contains("notes.png: ")
                .contains("The same image under two labels: 5\n")
                .contains("blank.png (1): all of one colour")
                .contains("coloured among gray images")
                .contains("Classes that are perhaps one: 1\n");
        Matcher moved = Pattern.compile("of (\\d+) digits under a wrong label (\\d+) were found, among (\\d+) suspects")
                .matcher(text);
        assertThat(moved.find()).as(text).isTrue();
        int planted = Integer.parseInt(moved.group(1));
        int found = Integer.parseInt(moved.group(2));
        assertThat(planted).isBetween(10, 30);
        assertThat(2.0 * found / (planted + Integer.parseInt(moved.group(3))))
                .as(text)
                .isGreaterThan(0.6);
        assertThat(Files.readString(report)).contains("<section id=\"data\">", "where the network looks");
        assertThat(Files.readString(page)).contains("<section id=\"suspectLabels\">", "data:image/png;base64,");
    }
}
