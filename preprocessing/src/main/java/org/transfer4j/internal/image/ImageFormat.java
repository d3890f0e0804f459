package org.transfer4j.internal.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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
                .orElseGet(
                        () -> "is text or of an unknown format: it starts with " + quote(bytes.head(16)) + supported));
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
