package org.transfer4j.internal.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.error.ImageException;

/** Each kind of bad bytes is refused both by the cheap check of a file and by the decoder, and named. */
class BrokenImageTest {
    private static final byte[] JPEG = TestImages.jpeg(64, 64, 200, 20, 40);

    @TempDir
    Path folder;

    private void assertRefused(byte[] bytes, String... reasons) throws IOException {
        Path file = Files.write(folder.resolve("image.png"), bytes);
        for (String reason : reasons) {
            assertThatThrownBy(() -> ImageHeader.check(file))
                    .isInstanceOf(ImageException.class)
                    .hasMessageStartingWith(file.toString())
                    .hasMessageContaining(reason);
        }
        assertRefusedWhenDecoded(bytes, reasons);
    }

    private void assertRefusedWhenDecoded(byte[] bytes, String... reasons) throws IOException {
        Path file = Files.write(folder.resolve("image.png"), bytes);
        ImageException thrown = catchThrowableOfType(ImageException.class, () -> ImageDecoder.decode(file));
        assertThat(thrown).hasMessageStartingWith(file.toString()).hasMessageContainingAll(reasons);
        assertThat(thrown.file()).contains(file);
    }

    @Test
    void emptyFile() throws IOException {
        assertRefused(new byte[0], "is empty");
    }

    @Test
    void textNamedPng() throws IOException {
        assertRefused("hello, world\n".getBytes(US_ASCII), "text", "\"hello, world \"", "JPEG, PNG and BMP");
    }

    @Test
    void binaryRubbish() throws IOException {
        assertRefused(new byte[] {1, 2, (byte) 0xFE}, "01 02 fe");
    }

    @ParameterizedTest
    @CsvSource({
        "474946383961, GIF",
        "524946460000000057454250, WebP",
        "49492a0008000000, TIFF",
        "4d4d002a00000008, TIFF",
        "49492b0008000000, BigTIFF",
        "0000000c6a5020200d0a870a, JPEG 2000",
        "ff4fff510029, JPEG 2000",
        "ff0a00, JPEG XL",
        "762f310102, OpenEXR",
        "233f52414449414e4345, Radiance",
        "50360a3120310a, PNM",
        "5066203120310a, PNM",
        "0000001c6674797061766966, AVIF",
        "000000186674797068656963, HEIF",
        "3c737667, SVG",
        "3c21444f43545950452068746d6c3e, HTML",
        "255044462d, PDF",
        "504b0304, ZIP"
    })
    void foreignFormatsAreNamed(String hex, String name) throws IOException {
        assertRefused(HexFormat.of().parseHex(hex), name, "JPEG, PNG and BMP are supported");
    }

    @Test
    void hugeImagesAreRefusedFromTheHeader() throws IOException {
        assertRefused(TestImages.pngHeader(20_000, 20_000), "20000x20000", "limit of 100000000");
        assertRefused(TestImages.pngHeader(-1, 1), "4294967295x1", "limit of 100000000");
        assertRefused(jpegOfSize(65_535, 65_535), "65535x65535", "limit of 100000000");
        assertRefused(bmp(20_000, -20_000, 24, 0), "20000x20000", "limit of 100000000");
        assertRefused(bmp(2, Integer.MIN_VALUE, 24, 0), "2x2147483648", "limit of 100000000");
    }

    @Test
    void zeroDimensionsAreRefused() throws IOException {
        assertRefused(TestImages.pngHeader(0, 4), "0x4");
        assertRefused(jpegOfSize(4, 0), "4x0");
        assertRefused(bmp(0, 3, 24, 0), "0x3");
        assertRefused(bmp(-5, 3, 24, 0), "-5x3");
    }

    /** Down to the magic number, without which it is no longer that format. */
    private void assertEveryTruncationIsFound(byte[] image, int magic) throws IOException {
        for (int missing = 1; missing < image.length - magic; missing++) {
            byte[] cut = TestImages.truncated(image, missing);
            assertThatThrownBy(() -> ImageHeader.read(EncodedBytes.of(cut, ImageOrigin.UNNAMED)))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("truncated");
        }
        for (int missing = 1; missing < image.length - magic; missing += image.length / 10) {
            assertRefused(TestImages.truncated(image, missing), "truncated");
        }
    }

    @Test
    void everyTruncationOfAJpegIsFound() throws IOException {
        byte[] jpeg = TestImages.withExif(JPEG, 6, true);
        assertEveryTruncationIsFound(jpeg, 3);
    }

    @Test
    void everyTruncationOfAPngIsFound() throws IOException {
        byte[] png = TestImages.grayPng(6, 6);
        assertEveryTruncationIsFound(png, 8);
    }

    @Test
    void everyTruncationOfABmpIsFound() throws IOException {
        byte[] bmp;
        try (Mat pixels = TestImages.mat(2, 3, 3, false, new int[18])) {
            bmp = TestImages.encode(".bmp", pixels);
        }
        assertEveryTruncationIsFound(bmp, 2);
    }

    @Test
    void aLongTailDoesNotHideATruncation() throws IOException {
        byte[] cut = TestImages.truncated(JPEG, 2);
        assertRefused(TestImages.insert(cut, cut.length, new byte[10_000]), "truncated");
    }

    @Test
    void damagedJpegHeaders() throws IOException {
        assertRefused(HexFormat.of().parseHex("ffd8ffd9"), "ends before its first scan");
        assertRefused(HexFormat.of().parseHex("ffd8ffe00001"), "segment of length 1");
        assertRefused(replace(JPEG, "ffc0", "ffc3"), "lossless");
        assertRefused(replace(JPEG, "ffc0001108", "ffc000110c"), "12 bits");
        assertRefused(replace(JPEG, "ffdb", "ffc0"), "bits a sample");
    }

    @Test
    void secondFrameHeader() throws IOException {
        byte[] frame = HexFormat.of().parseHex("ffc0000b080010001001011100");
        assertRefused(TestImages.insert(JPEG, 2, frame), "second frame header");
    }

    @Test
    void damagedPngs() throws IOException {
        byte[] png = TestImages.grayPng(6, 6);
        assertRefused(replace(png, "49484452", "49484453"), "first chunk must be IHDR");
        assertRefusedWhenDecoded(TestImages.pngHeader(3, 3), "before its first IDAT");
        assertRefusedWhenDecoded(replace(png, "49444154", "49444155"), "IDAT");
        byte[] longChunk = TestImages.insert(png, 33, HexFormat.of().parseHex("ffffffff74455874"));
        assertRefusedWhenDecoded(longChunk, "chunk of 4294967295 bytes");
    }

    @Test
    void pixelsThatCanNotBeInflated() throws IOException {
        byte[] png = TestImages.grayPng(6, 6);
        int data = indexOf(png, "49444154") + 4;
        png[data + 5] ^= 0x55;
        assertRefusedWhenDecoded(png, "damaged");
    }

    @Test
    void damagedBmps() throws IOException {
        assertRefused(bmp(3, 3, 7, 0), "7 bits a pixel");
        assertRefused(bmp(3, 3, 8, 1), "compressed BMP");
        byte[] odd = bmp(3, 3, 24, 0);
        odd[14] = 13;
        assertRefused(odd, "header of 13 bytes");
        byte[] inside = bmp(3, 3, 24, 0);
        inside[10] = 20;
        assertRefused(inside, "pixels begin at byte 20");
    }

    @Test
    void aMissingFileIsPlainInputOutput() {
        Path missing = folder.resolve("missing.jpg");
        assertThatThrownBy(() -> ImageHeader.check(missing))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("missing.jpg");
        assertThatThrownBy(() -> ImageDecoder.decode(missing)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void theCheapCheckReadsTheSize() throws IOException {
        assertThat(size(TestImages.withExif(JPEG, 8, false))).containsExactly(64, 64);
        assertThat(size(TestImages.grayPng(3, 70))).containsExactly(70, 3);
        assertThat(size(TestImages.insert(JPEG, JPEG.length, new byte[10_000]))).containsExactly(64, 64);
    }

    private int[] size(byte[] image) throws IOException {
        ImageHeader header = ImageHeader.check(Files.write(folder.resolve("sized"), image));
        return new int[] {header.width(), header.height()};
    }

    private static byte[] jpegOfSize(int width, int height) {
        return replace(JPEG, "ffc000110800400040", String.format("ffc0001108%04x%04x", height, width));
    }

    /** The headers of a bitmap, without pixels. */
    private static byte[] bmp(int width, int height, int bits, int compression) {
        ByteBuffer bytes = ByteBuffer.allocate(54).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 'B').put((byte) 'M').putInt(54).putInt(0).putInt(54);
        bytes.putInt(40)
                .putInt(width)
                .putInt(height)
                .putShort((short) 1)
                .putShort((short) bits)
                .putInt(compression);
        return bytes.array();
    }

    private static byte[] replace(byte[] bytes, String hex, String replacement) {
        byte[] changed = bytes.clone();
        byte[] put = HexFormat.of().parseHex(replacement);
        System.arraycopy(put, 0, changed, indexOf(bytes, hex), put.length);
        return changed;
    }

    private static int indexOf(byte[] bytes, String hex) {
        int index = HexFormat.of().formatHex(bytes).indexOf(hex);
        assertThat(index).isNotNegative().isEven();
        return index / 2;
    }

    @Test
    void anImageWithoutANameIsTheSubjectAllTheSame() {
        assertThatThrownBy(() -> ImageDecoder.decode(new byte[0], ImageOrigin.UNNAMED))
                .hasMessage("the image is empty: 0 bytes");
        assertThatThrownBy(
                        () -> ImageDecoder.decode(Arrays.copyOf(TestImages.pngHeader(4, 4), 10), ImageOrigin.UNNAMED))
                .hasMessage("the image is truncated: its 10 bytes end before byte 10, which its format asks for");
        assertThatThrownBy(() -> ImageDecoder.decode(Path.of(""))).hasMessage("\"\": is not a file but a folder");
    }
}
