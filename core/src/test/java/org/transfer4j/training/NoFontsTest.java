package org.transfer4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.testing.ChildProcess;

class NoFontsTest {
    @TempDir
    private Path folder;

    @Test
    void plotsAreDrawnWithoutText() throws Exception {
        Path none = Files.writeString(
                folder.resolve("fonts.conf"),
                "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig></fontconfig>");
        // in the home folder Java remembers fonts that it found before
        Map<String, String> environment =
                Map.of("FONTCONFIG_FILE", none.toString(), "_JAVA_OPTIONS", "-Duser.home=" + folder);
        try (ChildProcess process = new ChildProcess(environment, PlottingProcess.class, folder.toString())) {
            String line = process.await("drawn");
            assumeTrue(line.equals("drawn without text"), "Java finds fonts without fontconfig here");
        }
        for (String name : new String[] {"history.png", "curve.png"}) {
            BufferedImage picture = ImageIO.read(folder.resolve(name).toFile());
            assertThat(picture.getWidth()).isGreaterThan(500);
            assertThat(coloured(picture)).as("pixels of lines in " + name).isGreaterThan(100);
        }
    }

    private static long coloured(BufferedImage picture) {
        long count = 0;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int colour = picture.getRGB(x, y);
                int red = colour >> 16 & 0xFF;
                int green = colour >> 8 & 0xFF;
                int blue = colour & 0xFF;
                count += Math.max(red, Math.max(green, blue)) - Math.min(red, Math.min(green, blue)) > 60 ? 1 : 0;
            }
        }
        return count;
    }
}
