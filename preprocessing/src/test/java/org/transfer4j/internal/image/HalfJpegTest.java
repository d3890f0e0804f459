package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_ANYCOLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_QUALITY;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.transfer4j.error.ImageException;

/** A JPEG whose data end early is found whatever its kind, and a whole one is never taken for one. */
class HalfJpegTest {
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes its array
    private enum Kind {
        BASELINE,
        OPTIMIZED(IMWRITE_JPEG_OPTIMIZE, 1),
        RESTARTED(IMWRITE_JPEG_RST_INTERVAL, 2),
        PROGRESSIVE(IMWRITE_JPEG_PROGRESSIVE, 1),
        RESTARTED_PROGRESSIVE(IMWRITE_JPEG_PROGRESSIVE, 1, IMWRITE_JPEG_RST_INTERVAL, 3);

        private final int[] parameters;

        Kind(int... parameters) {
            this.parameters = parameters;
        }

        byte[] encode(int height, int width, boolean colour, int quality, int noise, long seed) {
            try (Mat pixels = new Mat(height, width, colour ? CV_8UC3 : CV_8UC1)) {
                byte[] values = new byte[height * width * pixels.channels()];
                Random random = new Random(seed);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (byte) (i % 200 + random.nextInt(noise));
                }
                return encode(pixels, values, quality);
            }
        }

        byte[] encodeGray(int height, int width) {
            try (Mat pixels = new Mat(height, width, CV_8UC3)) {
                byte[] values = new byte[height * width * 3];
                Arrays.fill(values, (byte) 128);
                return encode(pixels, values, 90);
            }
        }

        private byte[] encode(Mat pixels, byte[] values, int quality) {
            pixels.data().put(values);
            int[] all = Arrays.copyOf(parameters, parameters.length + 2);
            all[parameters.length] = IMWRITE_JPEG_QUALITY;
            all[parameters.length + 1] = quality;
            return TestImages.encode(".jpg", pixels, all);
        }
    }

    /** The scan's data lose their last bytes, down to none, and the marker of the end stays. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyCutIsFound(Kind kind) {
        byte[] jpeg = kind.encode(40, 33, true, 80, 90, 1);
        int scan = lastScan(jpeg);
        for (int end = scan; end < jpeg.length - 2; end++) {
            byte[] cut = withEnd(jpeg, end);
            assertThatThrownBy(() -> ImageDecoder.decode(cut, ImageOrigin.UNNAMED))
                    .as("%d of %d bytes", end - scan, jpeg.length - 2 - scan)
                    .isInstanceOf(ImageException.class)
                    .hasMessageMatching(".*(its data end early, after|restart marker \\d is missing after).*");
        }
    }

    /** Of larger images what is missing in the last unit of 16x16 or 8x8 pixels alone may be missed, and nothing else. */
    @Property(tries = 40)
    void aCutOfALargerImageIsFoundOrInItsLastUnit(
            @ForAll @IntRange(min = 64, max = 150) int height,
            @ForAll @IntRange(min = 64, max = 150) int width,
            @ForAll boolean colour,
            @ForAll @IntRange(min = 1, max = 100) int quality,
            @ForAll @IntRange(min = 1, max = 256) int noise,
            @ForAll long seed) {
        byte[] jpeg = Kind.BASELINE.encode(height, width, colour, quality, noise, seed);
        byte[] whole = pixels(jpeg);
        int unit = colour ? 16 : 8;
        int scan = lastScan(jpeg);
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            // half of them near the end
            int lost = 1 + random.nextInt(i % 2 == 0 ? Math.min(60, jpeg.length - 2 - scan) : jpeg.length - 2 - scan);
            byte[] cut = withEnd(jpeg, jpeg.length - 2 - lost);
            byte[] left;
            try {
                left = pixels(cut);
            } catch (ImageException e) {
                assertThat(e).hasMessageMatching(".*its data end early, after.*");
                continue;
            }
            // a pixel more, as colours are blended
            int top = (height - 1) / unit * unit - 1;
            int start = (width - 1) / unit * unit - 1;
            int channels = colour ? 3 : 1;
            for (int at = 0; at < whole.length; at++) {
                boolean last = at / channels / width >= top && at / channels % width >= start;
                assertThat(last || left[at] == whole[at])
                        .as("%d bytes lost, pixel %d", lost, at / channels)
                        .isTrue();
            }
        }
    }

    /** As it ends itself where data end early. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void anImageThatIsGrayIsWhole(Kind kind) {
        byte[] jpeg = kind.encodeGray(100, 100);
        assertThat(pixels(jpeg)).containsOnly((byte) 128);
    }

    @Test
    void aCutInTheFirstOfSeveralScansIsFound() {
        byte[] jpeg = Kind.PROGRESSIVE.encode(40, 33, true, 80, 90, 1);
        byte[] cut = withEnd(jpeg, firstScan(jpeg) + 10);
        assertThatThrownBy(() -> ImageDecoder.decode(cut, ImageOrigin.UNNAMED)).hasMessageContaining("end early");
    }

    @Property(tries = 300)
    void wholeFilesAreDecodedAsTheyWere(
            @ForAll Kind kind,
            @ForAll @IntRange(min = 1, max = 70) int height,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll boolean colour,
            @ForAll @IntRange(min = 1, max = 100) int quality,
            @ForAll @IntRange(min = 1, max = 256) int noise,
            @ForAll long seed) {
        byte[] jpeg = kind.encode(height, width, colour, quality, noise, seed);
        assertThat(pixels(jpeg)).isEqualTo(nativePixels(jpeg));
    }

    /** The frames of Motion JPEG leave the usual Huffman tables out. */
    @Test
    void tablesThatAreLeftOutAreTheUsualOnes() {
        byte[] jpeg = Kind.BASELINE.encode(20, 20, true, 80, 90, 1);
        byte[] without = jpeg;
        for (int table = indexOf(without, 0xC4); table >= 0; table = indexOf(without, 0xC4)) {
            int length = 2 + (((without[table + 2] & 0xFF) << 8) | (without[table + 3] & 0xFF));
            byte[] rest = Arrays.copyOf(without, without.length - length);
            System.arraycopy(without, table + length, rest, table, rest.length - table);
            without = rest;
        }
        assertThat(without.length).isEqualTo(jpeg.length - 432);
        assertThat(pixels(without)).isEqualTo(pixels(jpeg));
    }

    @Test
    void moreDataThanNeededAreWhole() {
        byte[] jpeg = Kind.BASELINE.encode(20, 20, true, 80, 90, 1);
        byte[] longer = TestImages.insert(jpeg, jpeg.length - 2, new byte[] {1, 2, 3});
        assertThat(pixels(longer)).isEqualTo(pixels(jpeg));
    }

    @Test
    void bitsThatAreNoCodeAreFound() {
        byte[] jpeg = Kind.BASELINE.encode(40, 33, true, 80, 90, 1);
        // the code of ones alone is never given
        for (int i = lastScan(jpeg) + 100; i < lastScan(jpeg) + 110; i += 2) {
            jpeg[i] = (byte) 0xFF;
            jpeg[i + 1] = 0;
        }
        assertThatThrownBy(() -> ImageDecoder.decode(jpeg, ImageOrigin.UNNAMED))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("no Huffman code after");
    }

    private static byte[] withEnd(byte[] jpeg, int end) {
        byte[] cut = Arrays.copyOf(jpeg, end + 2);
        cut[end] = (byte) 0xFF;
        cut[end + 1] = (byte) 0xD9;
        return cut;
    }

    /** Where the data of the scan begin. */
    private static int firstScan(byte[] jpeg) {
        int marker = indexOf(jpeg, 0xDA);
        return marker + 2 + (jpeg[marker + 3] & 0xFF);
    }

    private static int lastScan(byte[] jpeg) {
        int marker = jpeg.length - 2;
        while (jpeg[marker] != (byte) 0xFF || jpeg[marker + 1] != (byte) 0xDA) {
            marker--;
        }
        return marker + 2 + (jpeg[marker + 3] & 0xFF);
    }

    private static int indexOf(byte[] jpeg, int marker) {
        for (int i = 0; i + 1 < jpeg.length; i++) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) marker) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] pixels(byte[] jpeg) {
        try (DecodedImage.Bytes decoded = (DecodedImage.Bytes) ImageDecoder.decode(jpeg, ImageOrigin.UNNAMED)) {
            return bytes(decoded.pixels());
        }
    }

    private static byte[] nativePixels(byte[] jpeg) {
        try (BytePointer pointer = new BytePointer(jpeg);
                Mat encoded = new Mat(1, jpeg.length, CV_8UC1, pointer);
                Mat pixels = imdecode(encoded, IMREAD_ANYCOLOR)) {
            return bytes(pixels);
        }
    }

    private static byte[] bytes(Mat pixels) {
        byte[] values = new byte[Math.toIntExact(pixels.total() * pixels.elemSize())];
        pixels.data().get(values);
        return values;
    }
}
