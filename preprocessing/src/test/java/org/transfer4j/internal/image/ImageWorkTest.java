package org.transfer4j.internal.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.ImageDecoder.DecodedMemory;
import org.transfer4j.preprocessing.ImageLimits;

/** What a small file can make the decoder do is bounded before it does it. */
class ImageWorkTest {
    private static final byte[] JPEG = TestImages.jpeg(16, 16, 200, 20, 40);

    @TempDir
    Path folder;

    @AfterEach
    void forgetLimits() {
        ImageLimits.use(ImageLimits.defaults());
    }

    private static List<Object> decode(byte[] image) {
        try (DecodedImage decoded = ImageDecoder.decode(image, ImageOrigin.UNNAMED)) {
            INDArray pixels = decoded.toArray();
            return List.of(
                    Arrays.toString(pixels.shape()),
                    Arrays.toString(pixels.data().asInt()));
        }
    }

    private static void assertRefused(byte[] image, String... parts) {
        assertThatThrownBy(() -> ImageDecoder.decode(image, ImageOrigin.UNNAMED))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll(parts);
        assertThat(DecodedMemory.taken()).isZero();
    }

    private static EncodedBytes kept(byte[] image) {
        EncodedBytes bytes = EncodedBytes.of(image, ImageOrigin.UNNAMED);
        ImageHeader.read(bytes);
        return bytes;
    }

    /** The scan of a baseline file again and again. */
    private static byte[] scans(int count) {
        int scan = JPEG.length - 2;
        while (JPEG[scan] != (byte) 0xFF || JPEG[scan + 1] != (byte) 0xDA) {
            scan--;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(JPEG, 0, scan);
        for (int i = 0; i < count; i++) {
            bytes.write(JPEG, scan, JPEG.length - 2 - scan);
        }
        bytes.write(JPEG, JPEG.length - 2, 2);
        return bytes.toByteArray();
    }

    @Test
    void scansAreCounted() {
        assertThat(decode(scans(100))).isEqualTo(decode(JPEG));
        assertRefused(scans(101), "101 scans", "limit of 100 ", "ImageLimits.withScans", "-Dtransfer4j.image.scans");
        ImageLimits.use(ImageLimits.current().withScans(101));
        assertThat(decode(scans(101))).isEqualTo(decode(JPEG));
    }

    @Test
    void scansTimesPixelsAreBounded() {
        ImageLimits.use(ImageLimits.current().withScannedPixels(3 * 256));
        assertThat(decode(scans(3))).isEqualTo(decode(JPEG));
        assertRefused(
                scans(4),
                "4 scans",
                "256 pixels",
                "limit of 768 ",
                "ImageLimits.withScannedPixels",
                "-Dtransfer4j.image.scannedPixels");
    }

    @Test
    void fewBytesAreNotManyPixels() throws IOException {
        byte[] jpeg = JPEG.clone();
        int frame = new String(jpeg, ISO_8859_1).indexOf("\u00FF\u00C0");
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 9_000).putShort(frame + 7, (short) 9_000);
        assertRefused(jpeg, "is truncated", "9000x9000 pixels");
        Path file = Files.write(folder.resolve("forged.jpg"), jpeg);
        assertThatThrownBy(() -> ImageHeader.check(file)).hasMessageContaining("is truncated");

        byte[] png = TestImages.pngHeader(9_000, 9_000);
        assertRefused(png, "is truncated", "9000x9000 pixels");
    }

    @Test
    void metadataDoNotReachTheDecoder() {
        byte[] png = TestImages.grayPng(6, 6);
        byte[] text = deflated(1 << 20);
        byte[] ballast = png;
        for (String type : new String[] {"zTXt", "iTXt", "iCCP", "tEXt", "acTL", "fdAT", "sPLT"}) {
            ballast = TestImages.insert(ballast, 33, chunk(type, text));
        }
        assertThat(kept(ballast).keptLength()).isEqualTo(png.length);
        assertThat(decode(ballast)).isEqualTo(decode(png));

        byte[] jpeg = JPEG;
        for (int marker : new int[] {0xE1, 0xE2, 0xED, 0xEF, 0xFE}) {
            byte[] segment = new byte[60_002];
            ByteBuffer.wrap(segment).put((byte) 0xFF).put((byte) marker).putShort((short) 60_000);
            jpeg = TestImages.insert(jpeg, 2, segment);
        }
        assertThat(kept(jpeg).keptLength()).isEqualTo(JPEG.length);
        assertThat(decode(jpeg)).isEqualTo(decode(JPEG));
    }

    @Test
    void manyMoreCompressedBytesThanPixelsAreRefused() {
        byte[] png = TestImages.grayPng(32, 32);
        byte[] bomb = TestImages.insert(png, png.length - 12, chunk("IDAT", new byte[80_000]));
        assertRefused(bomb, "damaged PNG", "of IDAT chunks", "1056 bytes are compressed");
    }

    /** Behind the last row too the decoder inflates all there is. */
    @Test
    void dataThatInflateToMuchMoreThanThePixelsAreRefused() {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(Arrays.copyOf(TestImages.pngHeader(400, 400), 33));
        png.writeBytes(chunk("IDAT", deflated(257_000_000)));
        png.writeBytes(chunk("IEND", new byte[0]));
        assertRefused(png.toByteArray(), "damaged PNG", "256000000 bytes longer than the 160400 bytes of its pixels");
    }

    @Test
    void deepPixelsCountAsTheyAre() {
        ImageLimits.use(ImageLimits.current().withDecodedBytes(3_000));
        byte[] png;
        try (Mat pixels = TestImages.mat(20, 20, 4, true, new int[1_600])) {
            png = TestImages.encode(".png", pixels);
        }
        assertRefused(png, "takes 3220 bytes", "limit of 3000 ");
    }

    @Test
    void orientationIsReadFromPngsToo() {
        byte[] png;
        try (Mat pixels = TestImages.mat(2, 3, 1, false, 1, 2, 3, 4, 5, 6)) {
            png = TestImages.encode(".png", pixels);
        }
        assertThat(turned(png, 8, 6)).isEqualTo("[4, 1, 5, 2, 6, 3]");
        assertThat(turned(png, 8, 99)).isEqualTo("[1, 2, 3, 4, 5, 6]");
        // a directory that begins in its own header, and one far away
        assertThat(turned(png, 0, 6)).isEqualTo("[1, 2, 3, 4, 5, 6]");
        assertThat(turned(png, Integer.MAX_VALUE, 6)).isEqualTo("[1, 2, 3, 4, 5, 6]");
        assertThat(turned(png, -1, 6)).isEqualTo("[1, 2, 3, 4, 5, 6]");
    }

    private static String turned(byte[] png, int directory, int orientation) {
        ByteBuffer tiff =
                ByteBuffer.allocate(26).put(new byte[] {'M', 'M', 0, 42}).putInt(directory);
        tiff.putShort((short) 1).putShort((short) 0x0112).putShort((short) 3).putInt(1);
        tiff.putShort((short) orientation);
        byte[] image = TestImages.insert(png, 33, chunk("eXIf", tiff.array()));
        try (DecodedImage decoded = ImageDecoder.decode(image, ImageOrigin.UNNAMED)) {
            return Arrays.toString(decoded.toArray().data().asInt());
        }
    }

    @Test
    @SuppressWarnings("InputStreamSlowMultibyteRead") // each byte is counted
    void streamsAreReadToTheLimitOnly() {
        ImageLimits.use(ImageLimits.current().withEncodedBytes(10_000));
        long[] read = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                read[0]++;
                return 0xFF;
            }
        };
        assertThatThrownBy(() -> ImageDecoder.decode(endless, ImageOrigin.named("upload")))
                .isInstanceOf(ImageException.class)
                .hasMessageContainingAll("upload", "10001 bytes", "limit of 10000 ", "ImageLimits.withEncodedBytes");
        assertThat(read[0]).isEqualTo(10_001);
    }

    @Test
    void filesAreMeasuredBeforeTheyAreRead() throws IOException {
        Path file = Files.write(folder.resolve("a.jpg"), JPEG);
        ImageLimits.use(ImageLimits.current().withEncodedBytes(JPEG.length));
        ImageDecoder.decode(file).close();
        ImageLimits.use(ImageLimits.current().withEncodedBytes(JPEG.length - 1));
        for (Runnable reading : new Runnable[] {() -> ImageHeader.check(file), () -> ImageDecoder.decode(file)}) {
            assertThatThrownBy(reading::run)
                    .isInstanceOf(ImageException.class)
                    .hasMessageContainingAll(
                            file.toString(), JPEG.length + " bytes", "-Dtransfer4j.image.encodedBytes");
        }
    }

    @Test
    void onlyFilesAreOpened() throws IOException, InterruptedException {
        Path directory = Files.createDirectory(folder.resolve("folder.png"));
        assertThatThrownBy(() -> ImageDecoder.decode(directory))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("a folder");
        Path pipe = folder.resolve("pipe.jpg");
        assumeTrue(made(pipe), "no named pipes here");
        assertThatThrownBy(() -> ImageHeader.check(pipe)).hasMessageContaining("a pipe");
        assertThatThrownBy(() -> ImageDecoder.decode(pipe)).hasMessageContaining("a pipe");
    }

    private static boolean made(Path pipe) throws InterruptedException {
        try {
            return new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void onePictureBeyondAllMemoryIsNotWaitedFor() throws IOException {
        ImageLimits.use(ImageLimits.current().withDecodedBytes(3 * 256 - 1));
        assertRefused(JPEG, "takes 768 bytes", "limit of 767 ", "ImageLimits.withDecodedBytes");
        Path file = Files.write(folder.resolve("a.jpg"), JPEG);
        assertThatThrownBy(() -> ImageHeader.check(file)).hasMessageContaining("takes 768 bytes");
        ImageLimits.use(ImageLimits.current().withDecodedBytes(768));
        decode(JPEG);
        byte[] progressive;
        try (Mat pixels = new Mat(16, 16, CV_8UC3, new Scalar(1, 2, 3, 0))) {
            progressive = TestImages.encode(".jpg", pixels, IMWRITE_JPEG_PROGRESSIVE, 1);
        }
        // with the coefficients of four blocks of luma and two of chroma
        assertRefused(progressive, "takes 1536 bytes");
    }

    private static byte[] deflated(int zeros) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(bytes)) {
            byte[] piece = new byte[1_000_000];
            for (int left = zeros; left > 0; left -= piece.length) {
                deflater.write(piece, 0, Math.min(left, piece.length));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] chunk(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length);
        chunk.put(type.getBytes(ISO_8859_1)).put(data);
        CRC32 sum = new CRC32();
        sum.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) sum.getValue()).array();
    }
}
