package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_OPTIMIZE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.error.ImageException;

/** The property of {@link ParserBounds} for images: valid files, changed. */
class ImageParserPropertyTest {
    private static Path file;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes its array
    enum Seed {
        BASELINE,
        RESTARTED(IMWRITE_JPEG_RST_INTERVAL, 2),
        PROGRESSIVE(IMWRITE_JPEG_PROGRESSIVE, 1, IMWRITE_JPEG_OPTIMIZE, 1),
        PNG,
        BMP;

        private final int[] parameters;

        Seed(int... parameters) {
            this.parameters = parameters;
        }

        byte[] file() {
            int[] values = new int[3 * 40 * 33];
            for (int i = 0; i < values.length; i++) {
                values[i] = i * i % 253;
            }
            try (Mat pixels = TestImages.mat(40, 33, 3, false, values)) {
                return switch (this) {
                    case PNG -> TestImages.encode(".png", pixels);
                    case BMP -> TestImages.encode(".bmp", pixels);
                    default -> TestImages.withExif(TestImages.encode(".jpg", pixels, parameters), 6, true);
                };
            }
        }
    }

    @BeforeContainer
    static void makeFile() throws IOException {
        file = Files.createTempFile("transfer4j-image", "");
    }

    @AfterContainer
    static void removeFile() throws IOException {
        Files.delete(file);
    }

    /** Any bytes, taken for an image: decoded, or refused by the documented exception. Also a target for a fuzzer. */
    static void fuzz(byte[] bytes) {
        try (DecodedImage decoded = ImageDecoder.decode(bytes, ImageOrigin.UNNAMED)) {
            decoded.toArray().close();
        } catch (ImageException expected) {
            // one of the two outcomes
        }
    }

    /** Any bytes, taken for an image file that is checked before work begins. */
    static void fuzzCheck(byte[] bytes) {
        try {
            Files.write(file, bytes);
            ImageHeader.check(file);
        } catch (ImageException expected) {
            // one of the two outcomes
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Property(tries = 2_000, shrinking = ShrinkingMode.OFF)
    void decoding(@ForAll Seed seed, @ForAll long changes, @ForAll boolean sums) {
        byte[] bytes = ParserBounds.changed(seed.file(), changes);
        byte[] image = sums && seed == Seed.PNG ? withSums(bytes) : bytes;
        ParserBounds.require(() -> fuzz(image));
    }

    @Property(tries = 1_000, shrinking = ShrinkingMode.OFF)
    void checking(@ForAll Seed seed, @ForAll long changes) {
        byte[] bytes = ParserBounds.changed(seed.file(), changes);
        ParserBounds.require(() -> fuzzCheck(bytes));
    }

    /** Sums that are right again, without which the decoder looks no further. */
    private static byte[] withSums(byte[] png) {
        ByteBuffer bytes = ByteBuffer.wrap(png);
        int position = 8;
        while (position + 12 <= png.length) {
            int length = bytes.getInt(position);
            if (length < 0 || length > png.length - position - 12) {
                break;
            }
            CRC32 sum = new CRC32();
            sum.update(png, position + 4, 4 + length);
            bytes.putInt(position + 8 + length, (int) sum.getValue());
            position += 12 + length;
        }
        return png;
    }
}
