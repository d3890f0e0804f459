package org.transfer4j.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.transfer4j.dataset.ImageDataset;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class TinyImageNetTest {
    private static final TinyImageNet.Counts COUNTS = new TinyImageNet.Counts(2, 3, 4);
    private static final String[] CLASSES = {"n00000001", "n00000002"};

    @TempDir
    private Path folder;

    private Path data;

    @BeforeEach
    void inAFolderThatDoesNotExist() {
        data = folder.resolve("some").resolve("tiny");
    }

    /** Red or blue, with noise. */
    private static byte[] image(int label, int seed) throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(label == 0 ? Color.RED : Color.BLUE);
        graphics.fillRect(0, 0, 64, 64);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 20; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            graphics.fillRect(random.nextInt(60), random.nextInt(60), 4, 4);
        }
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", bytes);
        return bytes.toByteArray();
    }

    /** The files of an archive like the published one, with fewer images. */
    static Map<String, byte[]> files(TinyImageNet.Counts counts) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        StringBuilder annotations = new StringBuilder();
        files.put("words.txt", "n00000001\tred".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < counts.validation(); i++) {
            int label = i % CLASSES.length;
            files.put("val/images/val_" + i + ".JPEG", image(label, -1 - i));
            annotations.append("val_" + i + ".JPEG\t" + CLASSES[label] + "\t0\t32\t44\t62\n");
        }
        files.put("val/val_annotations.txt", annotations.toString().getBytes(StandardCharsets.UTF_8));
        for (int label = 0; label < counts.classes(); label++) {
            String name = CLASSES[label];
            files.put("train/" + name + "/" + name + "_boxes.txt", new byte[1]);
            for (int i = 0; i < counts.training(); i++) {
                files.put("train/" + name + "/images/" + name + "_" + i + ".JPEG", image(label, i));
            }
        }
        return files;
    }

    static Path pack(Path archive, Map<String, byte[]> files) throws IOException {
        try (OutputStream out = Files.newOutputStream(archive);
                TarArchiveOutputStream tar = new TarArchiveOutputStream(new XZOutputStream(out, new LZMA2Options(1)))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry("tiny-imagenet-200/" + file.getKey());
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        }
        return archive;
    }

    private Path pack(Map<String, byte[]> files) throws IOException {
        return pack(folder.resolve("tiny.tar.xz"), files);
    }

    private void isRefused(Path archive, String message) throws IOException {
        assertThatThrownBy(() -> new TinyImageNet(COUNTS).read(data, archive))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
        assertThat(data).doesNotExist();
        try (Stream<Path> left = Files.list(folder.resolve("some"))) {
            assertThat(left).isEmpty();
        }
        assertThat(folder.resolve("outside.JPEG")).doesNotExist();
    }

    @Test
    void sortsTheValidationImagesByTheirAnnotations() throws IOException {
        Path archive = pack(files(COUNTS));
        TinyImageNet.Images images = new TinyImageNet(COUNTS).read(data, archive);
        assertThat(images.training().classNames()).containsExactly(CLASSES);
        assertThat(images.training().classCounts()).containsExactly(3, 3);
        ImageDataset validation = images.validation();
        assertThat(validation.classNames()).containsExactly(CLASSES);
        assertThat(validation.classCounts()).containsExactly(2, 2);
        for (int i = 0; i < validation.size(); i++) {
            // red lies in the first plane of [1, 3, H, W], blue in the third
            double red = validation.image(i).getDouble(0, 0, 0, 0);
            assertThat(validation.label(i)).isEqualTo(red > 128 ? CLASSES[0] : CLASSES[1]);
        }
        Files.delete(archive);
        assertThat(new TinyImageNet(COUNTS).read(data, archive).training().size())
                .as("from the folder alone")
                .isEqualTo(6);
    }

    @Test
    void anArchiveThatIsNotThereIsNamedWithTheWayOut() {
        assertThatThrownBy(() -> new TinyImageNet(COUNTS).read(data, folder.resolve("none.tar.xz")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none.tar.xz")
                .hasMessageContaining("--archive");
    }

    @Test
    void anArchiveThatWasCutOffLeavesNothing() throws IOException {
        Path archive = pack(files(COUNTS));
        byte[] whole = Files.readAllBytes(archive);
        for (int length : new int[] {3, whole.length / 2, whole.length - 1}) {
            Files.write(archive, Arrays.copyOf(whole, length));
            isRefused(archive, "ends early");
        }
        Files.write(archive, "<html>404</html>, which is no archive".getBytes(StandardCharsets.UTF_8));
        isRefused(archive, "is no xz file");
    }

    @Test
    void otherCountsAreSaid() throws IOException {
        Map<String, byte[]> files = files(COUNTS);
        files.remove("train/n00000002/images/n00000002_1.JPEG");
        isRefused(pack(files), "2 classes of 2 to 3 training images and 4 validation images");
        files = files(COUNTS);
        files.remove("val/images/val_3.JPEG");
        isRefused(pack(files), "and 3 validation images");
        files = files(COUNTS);
        files.put("train/n00000003/images/n00000003_0.JPEG", image(0, 0));
        isRefused(pack(files), "has 3 classes");
    }

    @Test
    void validationImagesWithoutAClassAreRefused() throws IOException {
        Map<String, byte[]> files = files(COUNTS);
        files.put("val/val_annotations.txt", "val_0.JPEG\tn00000001\n".getBytes(StandardCharsets.UTF_8));
        isRefused(pack(files), "gives no class to val_");
        files.put(
                "val/val_annotations.txt",
                new String(files(COUNTS).get("val/val_annotations.txt"), StandardCharsets.UTF_8)
                        .replace("n00000002", "n00000009")
                        .getBytes(StandardCharsets.UTF_8));
        isRefused(pack(files), "a class without training images, n00000009");
    }

    @Test
    void namesThatLeadOutOfTheFolderAreRefused() throws IOException {
        for (String name : new String[] {
            "../outside.JPEG", "train/../../outside.JPEG", "train/n00000001/images/../../../../outside.JPEG", "notes.md"
        }) {
            Map<String, byte[]> files = files(COUNTS);
            files.put(name, new byte[1]);
            isRefused(pack(files), "has an entry named \"tiny-imagenet-200/" + name);
        }
    }

    @Test
    void linksAreRefused() throws IOException {
        Path archive = folder.resolve("links.tar.xz");
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(new XZOutputStream(Files.newOutputStream(archive), new LZMA2Options(1)))) {
            TarArchiveEntry link = new TarArchiveEntry("train/n00000001/images/a.JPEG", TarConstants.LF_SYMLINK);
            link.setLinkName("/etc/passwd");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        isRefused(archive, "which is no file");
    }

    @Test
    void aFolderWithOtherCountsIsRefusedToo() throws IOException {
        new TinyImageNet(COUNTS).read(data, pack(files(COUNTS)));
        Files.delete(data.resolve("train").resolve(CLASSES[0]).resolve(CLASSES[0] + "_0.JPEG"));
        assertThatThrownBy(() -> new TinyImageNet(COUNTS).read(data, folder.resolve("tiny.tar.xz")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(data.toString());
    }
}
