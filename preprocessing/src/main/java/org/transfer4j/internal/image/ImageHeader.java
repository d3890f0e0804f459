package org.transfer4j.internal.image;

import static org.bytedeco.opencv.global.opencv_core.flip;
import static org.bytedeco.opencv.global.opencv_core.transpose;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * What an encoded image says of itself, read in Java before any native code sees the bytes.
 *
 * @param width columns of the stored pixels, before EXIF orientation; at least 1
 * @param height rows of the stored pixels
 * @param orientation by EXIF, 1 to 8; 1, upright, where only header and tail were read
 * @param decodedBytes what it takes to decode it
 */
public record ImageHeader(int width, int height, int orientation, long decodedBytes) {
    /**
     * Reads the header and the tail of a file, which is cheap enough to do for each file of a dataset before work begins.
     *
     * @param file an image
     * @return its header
     * @throws org.transfer4j.error.ImageException if it is empty, truncated, too large or not a JPEG, PNG or BMP
     * @throws UncheckedIOException if the file can't be read
     */
    public static ImageHeader check(Path file) {
        ImageOrigin origin = ImageOrigin.file(file);
        try {
            return Interruption.deferred(() -> {
                try (SeekableByteChannel channel = EncodedBytes.open(file, origin)) {
                    return read(EncodedBytes.of(channel, origin));
                }
            });
        } catch (IOException e) {
            throw FileFailure.of("can't read the image file " + file, e);
        }
    }

    /** Reads the structure: of a file the header and the tail, of what is in memory all. */
    static ImageHeader read(EncodedBytes bytes) {
        ImageHeader header = ImageFormat.of(bytes).read(bytes);
        bytes.origin().requireDecodedBytes(header.decodedBytes);
        return header;
    }

    /** The formats that are decoded. Only these reach the native library: its readers of others are old and have holes. */
    @SuppressWarnings("ImmutableEnumChecker") // nobody changes its arrays
    enum ImageFormat {
        JPEG("ffd8ff"),
        PNG("89504e470d0a1a0a"),
        BMP("424d");

        private final byte[] magic;

        ImageFormat(String magic) {
            this.magic = HexFormat.of().parseHex(magic);
        }

        /** Finds the format by its magic number, whatever the file's name says. */
        static ImageFormat of(EncodedBytes bytes) {
            if (bytes.size() == 0) {
                throw bytes.refused("is empty: 0 bytes");
            }
            for (ImageFormat format : values()) {
                if (bytes.startsWith(0, format.magic)) {
                    return format;
                }
            }
            String supported = "; JPEG, PNG and BMP are supported";
            throw bytes.refused(ForeignFormat.nameOf(bytes)
                    .map(name -> "is " + name + supported)
                    .orElseGet(() ->
                            "is text or of an unknown format: it starts with " + quote(bytes.head(16)) + supported));
        }

        /** Reads the size, checks that the image is all there, and keeps what the decoder needs of it. */
        ImageHeader read(EncodedBytes bytes) {
            return switch (this) {
                case JPEG -> JpegReader.read(bytes);
                case PNG -> PngReader.read(bytes);
                case BMP -> BmpReader.read(bytes);
            };
        }

        private static String quote(byte[] head) {
            String text = new String(head, StandardCharsets.US_ASCII);
            return text.matches("[ -~\\n\\r\\t]*")
                    ? "\"" + text.replaceAll("[\\n\\r\\t]", " ") + "\""
                    : "the bytes " + HexFormat.ofDelimiter(" ").formatHex(head);
        }

        /** Formats that are recognised only to be refused by name. */
        @SuppressWarnings("ArrayRecordComponent") // nobody compares them
        private record ForeignFormat(String name, int offset, byte[] magic) {
            private static final List<ForeignFormat> KNOWN = List.of(
                    ascii("a GIF", 0, "GIF8"),
                    ascii("a WebP image", 8, "WEBP"),
                    hex("a TIFF", "49492a00"),
                    hex("a TIFF", "4d4d002a"),
                    hex("a BigTIFF", "49492b00"),
                    hex("a BigTIFF", "4d4d002b"),
                    hex("a JPEG 2000 image", "0000000c6a502020"),
                    hex("a JPEG 2000 image", "ff4fff51"),
                    hex("a JPEG XL image", "ff0a"),
                    hex("a JPEG XL image", "0000000c4a584c20"),
                    ascii("an AVIF image", 4, "ftypavi"),
                    ascii("a HEIF image", 4, "ftyphei"),
                    ascii("a HEIF image", 4, "ftyphev"),
                    ascii("a HEIF image", 4, "ftypmif1"),
                    hex("an OpenEXR image", "762f3101"),
                    ascii("a Radiance HDR image", 0, "#?R"),
                    hex("a Sun raster image", "59a66a95"),
                    hex("an icon", "00000100"),
                    ascii("a DDS image", 0, "DDS "),
                    ascii("a Photoshop image", 0, "8BPS"),
                    ascii("a PDF document", 0, "%PDF"),
                    ascii("an SVG image", 0, "<svg"),
                    ascii("an XML document", 0, "<?xml"),
                    ascii("an HTML page", 0, "<!DOCTYPE html"),
                    ascii("an HTML page", 0, "<html"),
                    hex("a gzip file", "1f8b08"),
                    hex("a ZIP archive", "504b0304"));

            /** Portable bitmaps: a P, one of these, and white space. */
            private static final String PORTABLE_KINDS = "1234567fF";

            /** The name of the format with its article, where it is known. */
            static Optional<String> nameOf(EncodedBytes bytes) {
                if (isPortable(bytes)) {
                    return Optional.of("a portable bitmap (PNM)");
                }
                return KNOWN.stream()
                        .filter(format -> bytes.startsWith(format.offset, format.magic))
                        .map(format -> format.name)
                        .findFirst();
            }

            private static boolean isPortable(EncodedBytes bytes) {
                return bytes.size() > 2
                        && bytes.unsignedByte(0) == 'P'
                        && PORTABLE_KINDS.indexOf(bytes.unsignedByte(1)) >= 0
                        && Character.isWhitespace(bytes.unsignedByte(2));
            }

            private static ForeignFormat ascii(String name, int offset, String magic) {
                return new ForeignFormat(name, offset, magic.getBytes(StandardCharsets.US_ASCII));
            }

            private static ForeignFormat hex(String name, String magic) {
                return new ForeignFormat(name, 0, HexFormat.of().parseHex(magic));
            }
        }
    }

    /**
     * How EXIF says that an image is to be turned (EXIF 2.3, tag 0x0112): 1 to 8, 1 as it is. Read here, since the native
     * reader follows every entry wherever it leads.
     */
    static final class ExifOrientation {
        static final int UPRIGHT = 1;

        private static final int TAG = 0x0112;
        private static final int MOST = 8;
        private static final int ENTRY = 12;
        private static final int FIRST_DIRECTORY = 4;
        private static final int VALUE = 8;
        private static final int TURNED = 5;

        private ExifOrientation() {}

        /** Looks through the first directory of a TIFF structure, and upright is what has none. */
        static int read(EncodedBytes bytes, long start, long end) {
            if (end - start < FIRST_DIRECTORY + Integer.BYTES) {
                return UPRIGHT;
            }
            boolean little = bytes.bigEndian16(start) == 0x4949;
            long directory = start + number(bytes, start + FIRST_DIRECTORY, Integer.BYTES, little);
            if (directory + Short.BYTES > end) {
                return UPRIGHT;
            }
            long entries = number(bytes, directory, Short.BYTES, little);
            long entry = directory + Short.BYTES;
            for (long i = 0; i < entries && entry + ENTRY <= end; i++, entry += ENTRY) {
                if (number(bytes, entry, Short.BYTES, little) == TAG) {
                    long orientation = number(bytes, entry + VALUE, Short.BYTES, little);
                    return orientation >= UPRIGHT && orientation <= MOST ? (int) orientation : UPRIGHT;
                }
            }
            return UPRIGHT;
        }

        private static long number(EncodedBytes bytes, long position, int length, boolean little) {
            if (length == Short.BYTES) {
                return little ? bytes.littleEndian16(position) : bytes.bigEndian16(position);
            }
            return (little ? bytes.littleEndian32(position) : bytes.bigEndian32(position)) & 0xFFFFFFFFL;
        }

        /** Turns pixels in place of the given ones, which are closed. */
        static Mat apply(Mat pixels, int orientation) {
            if (orientation == UPRIGHT) {
                return pixels;
            }
            try (pixels) {
                Mat turned = new Mat();
                if (orientation >= TURNED) {
                    transpose(pixels, turned);
                }
                Mat from = orientation >= TURNED ? turned : pixels;
                switch (orientation) {
                    case 2, 6 -> flip(from, turned, 1);
                    case 3, 7 -> flip(from, turned, -1);
                    case 4, 8 -> flip(from, turned, 0);
                    default -> {
                        // 5 is the transposed image
                    }
                }
                return turned;
            }
        }
    }
}
