package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.TestImages.GrayAlpha;

class ImageDecoderTest {
    /** Rows x columns x channels, as one pixel after the other in the order R, G, B. */
    private static int[] pixels(byte[] encoded) {
        INDArray array = array(encoded);
        INDArray last = array.permute(0, 2, 3, 1);
        return last.dup('c').data().asInt();
    }

    private static INDArray array(byte[] encoded) {
        try (DecodedImage decoded = ImageDecoder.decode(encoded, ImageOrigin.UNNAMED)) {
            return decoded.toArray();
        }
    }

    @Test
    void grayPngStaysGray() {
        INDArray array = array(TestImages.grayPng(3, 5));
        assertThat(array.shape()).containsExactly(1, 1, 3, 5);
        assertThat(array.getInt(0, 0, 2, 4)).isEqualTo(24);
    }

    @Test
    void colorsComeAsRedGreenBlue() {
        try (Mat bgr = TestImages.mat(1, 2, 3, false, 1, 2, 3, 40, 50, 60)) {
            assertThat(pixels(TestImages.encode(".png", bgr))).containsExactly(3, 2, 1, 60, 50, 40);
            assertThat(pixels(TestImages.encode(".bmp", bgr))).containsExactly(3, 2, 1, 60, 50, 40);
        }
    }

    @Test
    void sixteenBitsAreReducedToEight() {
        try (Mat gray = TestImages.mat(1, 3, 1, true, 0, 0x1280, 0xFFFF);
                Mat color = TestImages.mat(1, 1, 3, true, 0x0100, 0x8000, 0xFF00)) {
            assertThat(pixels(TestImages.encode(".png", gray))).containsExactly(0, 0x12, 255);
            assertThat(pixels(TestImages.encode(".png", color))).containsExactly(255, 0x80, 1);
        }
    }

    @Test
    void alphaIsDropped() {
        try (Mat bgra = TestImages.mat(1, 2, 4, false, 1, 2, 3, 0, 40, 50, 60, 128);
                Mat deep = TestImages.mat(1, 1, 4, true, 0x0100, 0x0200, 0x0300, 0x7F00)) {
            assertThat(pixels(TestImages.encode(".png", bgra))).containsExactly(3, 2, 1, 60, 50, 40);
            assertThat(pixels(TestImages.encode(".bmp", bgra))).containsExactly(3, 2, 1, 60, 50, 40);
            assertThat(pixels(TestImages.encode(".png", deep))).containsExactly(3, 2, 1);
        }
    }

    @Test
    void grayWithAlphaKeepsItsGray() {
        BufferedImage image = GrayAlpha.image(new int[] {10, 255, 200, 0});
        assertThat(pixels(TestImages.encode("png", image)))
                .containsOnly(10, 200)
                .startsWith(10)
                .endsWith(200);
    }

    @Test
    void palettesAreLookedUp() {
        byte[] red = {10, 20};
        byte[] green = {30, 40};
        byte[] blue = {50, 60};
        BufferedImage image =
                new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(8, 2, red, green, blue));
        image.getRaster().setSample(1, 0, 0, 1);
        assertThat(pixels(TestImages.encode("png", image))).containsExactly(10, 30, 50, 20, 40, 60);
    }

    private static int[] pixels(ByteBuffer bmp) {
        byte[] encoded = new byte[bmp.capacity()];
        bmp.rewind().get(encoded);
        return pixels(encoded);
    }

    /** A bitmap of OS/2 or Windows; what is behind the size of the header, and then palette or masks, and then pixels. */
    private static ByteBuffer bmp(int header, int width, int height, int bits, int compression, int behind) {
        int offset = 14 + header + behind;
        int length = offset + (width * bits + 31) / 32 * 4 * Math.abs(height);
        ByteBuffer bmp = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        bmp.put((byte) 'B').put((byte) 'M').putInt(length).putInt(0).putInt(offset);
        bmp.putInt(header);
        if (header == 12) {
            bmp.putShort((short) width).putShort((short) height);
            return bmp.putShort((short) 1).putShort((short) bits);
        }
        bmp.putInt(width).putInt(height).putShort((short) 1).putShort((short) bits);
        return bmp.putInt(compression).position(54);
    }

    @ParameterizedTest
    @CsvSource({
        "40, 12, 000000FF, 0000FF00, 00FF0000",
        "40, 12, 00FF0000, 0000FF00, 000000FF",
        "124, 0, FF000000, 00FF0000, 0000FF00",
        "108, 0, 000000FF, FF000000, 0000FF00",
        "56, 0, 3FF00000, 000FFC00, 000003FF"
    })
    void bitmapsHaveTheirColoursWhereTheirMasksSay(int header, int behind, String red, String green, String blue) {
        int[] masks = {
            Integer.parseUnsignedInt(red, 16), Integer.parseUnsignedInt(green, 16), Integer.parseUnsignedInt(blue, 16)
        };
        ByteBuffer bmp = bmp(header, 3, -1, 32, 3, behind);
        for (int mask : masks) {
            bmp.putInt(mask);
        }
        bmp.position(bmp.capacity() - 12);
        for (int mask : masks) {
            bmp.putInt(mask);
        }
        assertThat(pixels(bmp)).containsExactly(255, 0, 0, 0, 255, 0, 0, 0, 255);
    }

    @Test
    void sixteenBitsOfABitmapAreAllOfBlackToWhite() {
        ByteBuffer bmp = bmp(108, 4, 1, 16, 3, 0).putInt(0xF800).putInt(0x7E0).putInt(0x1F);
        bmp.position(bmp.capacity() - 8);
        bmp.putShort((short) 0xF800)
                .putShort((short) (32 << 5))
                .putShort((short) 16)
                .putShort((short) 0xFFFF);
        assertThat(pixels(bmp)).containsExactly(255, 0, 0, 0, 130, 0, 0, 0, 132, 255, 255, 255);
        ByteBuffer plain = bmp(40, 2, 1, 16, 0, 0).putShort((short) (16 << 10)).putShort((short) 0x7FFF);
        assertThat(pixels(plain)).containsExactly(132, 0, 0, 255, 255, 255);
    }

    @Test
    void bitmapsOfOs2HaveColours() {
        ByteBuffer palette = bmp(12, 2, 2, 8, 0, 6);
        palette.put(new byte[] {1, 2, 3, 40, 50, 60}).put(new byte[] {0, 1, 0, 0, 1, 1, 0, 0});
        assertThat(pixels(palette)).containsExactly(60, 50, 40, 60, 50, 40, 3, 2, 1, 60, 50, 40);
        ByteBuffer plain = bmp(12, 1, 2, 24, 0, 0);
        plain.put(new byte[] {1, 2, 3, 0, 40, 50, 60, 0});
        assertThat(pixels(plain)).containsExactly(60, 50, 40, 3, 2, 1);
    }

    @Test
    void masksThatAreNoneAreRefused() {
        for (int[] masks : new int[][] {{0, 1, 2}, {1, 1, 2}, {5, 8, 16}}) {
            ByteBuffer bmp = bmp(124, 1, 1, 32, 3, 0);
            for (int mask : masks) {
                bmp.putInt(mask);
            }
            assertThatExceptionOfType(ImageException.class)
                    .isThrownBy(() -> pixels(bmp))
                    .withMessageContaining("the colour masks 0000000" + masks[0]);
        }
    }

    @Test
    void sidesThatTheDecodersDoNotTakeAreNamed() {
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> pixels(bmp(40, 1_048_577, 2, 1, 0, 8)))
                .withMessageContaining("is 1048577x2 pixels: its decoder takes sides of up to 1000000");
        assertThatExceptionOfType(ImageException.class)
                .isThrownBy(() -> pixels(TestImages.pngHeader(2, 1_000_001)))
                .withMessageContaining("is 2x1000001 pixels: its decoder takes sides of up to 1000000");
    }

    @Test
    void onePixelIsAnImage() {
        try (Mat pixel = TestImages.mat(1, 1, 1, false, 77)) {
            assertThat(array(TestImages.encode(".png", pixel)).shape()).containsExactly(1, 1, 1, 1);
            assertThat(pixels(TestImages.encode(".png", pixel))).containsExactly(77);
            assertThat(pixels(TestImages.encode(".bmp", pixel))).containsOnly(77);
            assertThat(pixels(TestImages.encode(".jpg", pixel))).hasSize(1);
        }
    }

    @Test
    void cmykBecomesColor() throws IOException {
        int[] pixels = pixels(resource("cmyk.jpg"));
        assertThat(pixels).hasSize(8 * 16 * 3);
        assertThat(pixels[0]).isCloseTo(49, within(2));
        assertThat(pixels[1]).isCloseTo(190, within(2));
        assertThat(pixels[2]).isCloseTo(225, within(2));
        assertThat(pixels[15 * 3]).isCloseTo(195, within(2));
        assertThat(pixels[15 * 3 + 1]).isCloseTo(57, within(2));
        assertThat(pixels[15 * 3 + 2]).isCloseTo(27, within(2));
    }

    /** With its Adobe transform set to 2 the same samples mean luma, chroma and black. */
    @Test
    void ycckBecomesColor() throws IOException {
        byte[] jpeg = resource("cmyk.jpg");
        int transform = 2 + 2 + 2 + 5 + 2 + 2 + 2;
        assertThat(jpeg[transform]).isZero();
        jpeg[transform] = 2;
        // The stored samples 55, 215, 255, 225 are now Y, Cb, Cr, K; Pillow reads them as 19, 225, 41.
        int[] pixels = pixels(jpeg);
        assertThat(pixels[0]).isCloseTo(19, within(2));
        assertThat(pixels[1]).isCloseTo(225, within(2));
        assertThat(pixels[2]).isCloseTo(41, within(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void exifOrientationIsApplied(int orientation) {
        int height = 16;
        int width = 32;
        byte[] stored = quadrants(height, width);
        INDArray plain = array(stored);
        for (boolean littleEndian : new boolean[] {true, false}) {
            INDArray shown = array(TestImages.withExif(stored, orientation, littleEndian));
            boolean turned = orientation > 4;
            assertThat(shown.shape()).containsExactly(1, 1, turned ? width : height, turned ? height : width);
            for (int y = 0; y < shown.size(2); y++) {
                for (int x = 0; x < shown.size(3); x++) {
                    int[] from = storedPosition(orientation, y, x, height, width);
                    assertThat(shown.getInt(0, 0, y, x)).isEqualTo(plain.getInt(0, 0, from[0], from[1]));
                }
            }
        }
    }

    /** EXIF 2.3, tag 0x0112: which row and column of the stored image is shown at a place. */
    private static int[] storedPosition(int orientation, int y, int x, int height, int width) {
        int row = orientation > 4 ? x : y;
        int column = orientation > 4 ? y : x;
        boolean upsideDown = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        boolean mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        return new int[] {upsideDown ? height - 1 - row : row, mirrored ? width - 1 - column : column};
    }

    private static byte[] quadrants(int height, int width) {
        int[] values = new int[height * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = 30 + (i / width < height / 2 ? 0 : 60) + (i % width < width / 2 ? 0 : 120);
        }
        try (Mat pixels = TestImages.mat(height, width, 1, false, values)) {
            return TestImages.encode(".jpg", pixels, IMWRITE_JPEG_QUALITY, 100);
        }
    }

    @Test
    void progressiveAndRestartedJpegsAreWhole() {
        try (Mat pixels = TestImages.gray(40, 40)) {
            byte[] plain = TestImages.encode(".jpg", pixels, IMWRITE_JPEG_QUALITY, 90);
            byte[] progressive =
                    TestImages.encode(".jpg", pixels, IMWRITE_JPEG_QUALITY, 90, IMWRITE_JPEG_PROGRESSIVE, 1);
            byte[] restarted =
                    TestImages.encode(".jpg", pixels, IMWRITE_JPEG_QUALITY, 90, IMWRITE_JPEG_RST_INTERVAL, 1);
            assertThat(pixels(progressive)).isEqualTo(pixels(plain));
            assertThat(pixels(restarted)).isEqualTo(pixels(plain));
        }
    }

    @Test
    void bytesBehindTheEndOfAJpegAreIgnored() {
        byte[] jpeg = TestImages.jpeg(8, 8, 10, 20, 30);
        byte[] padded = TestImages.insert(jpeg, jpeg.length, new byte[5000]);
        assertThat(pixels(padded)).isEqualTo(pixels(jpeg));
    }

    @Test
    void filesAndStreamsGiveTheSame(@TempDir Path folder) throws IOException {
        byte[] png = TestImages.grayPng(4, 4);
        Path file = Files.write(folder.resolve("named.txt"), png);
        try (DecodedImage fromFile = ImageDecoder.decode(file);
                InputStream stream = Files.newInputStream(file);
                DecodedImage fromStream = ImageDecoder.decode(stream, ImageOrigin.UNNAMED)) {
            assertThat(fromFile.toArray()).isEqualTo(array(png));
            assertThat(fromStream.toArray()).isEqualTo(array(png));
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stream = ImageDecoderTest.class.getResourceAsStream(name)) {
            return stream.readAllBytes();
        }
    }
}
