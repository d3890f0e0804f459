package org.transfer4j.internal.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Formats that are recognised only to be refused by name. */
final class ForeignFormat {
    private static final List<ForeignFormat> KNOWN = List.of(
            ascii("a GIF", 0, "GIF8"),
            ascii("a WebP image", 8, "WEBP"),
            hex("a TIFF", 0, "49492a00"),
            hex("a TIFF", 0, "4d4d002a"),
            hex("a BigTIFF", 0, "49492b00"),
            hex("a BigTIFF", 0, "4d4d002b"),
            hex("a JPEG 2000 image", 0, "0000000c6a502020"),
            hex("a JPEG 2000 image", 0, "ff4fff51"),
            hex("a JPEG XL image", 0, "ff0a"),
            hex("a JPEG XL image", 0, "0000000c4a584c20"),
            ascii("an AVIF image", 4, "ftypavi"),
            ascii("a HEIF image", 4, "ftyphei"),
            ascii("a HEIF image", 4, "ftyphev"),
            ascii("a HEIF image", 4, "ftypmif1"),
            hex("an OpenEXR image", 0, "762f3101"),
            ascii("a Radiance HDR image", 0, "#?R"),
            hex("a Sun raster image", 0, "59a66a95"),
            hex("an icon", 0, "00000100"),
            ascii("a DDS image", 0, "DDS "),
            ascii("a Photoshop image", 0, "8BPS"),
            ascii("a PDF document", 0, "%PDF"),
            ascii("an SVG image", 0, "<svg"),
            ascii("an XML document", 0, "<?xml"),
            ascii("an HTML page", 0, "<!DOCTYPE html"),
            ascii("an HTML page", 0, "<html"),
            hex("a gzip file", 0, "1f8b08"),
            hex("a ZIP archive", 0, "504b0304"));

    /** Portable bitmaps: a P, one of these, and white space. */
    private static final String PORTABLE_KINDS = "1234567fF";

    private final String name;
    private final int offset;
    private final byte[] magic;

    private ForeignFormat(String name, int offset, byte[] magic) {
        this.name = name;
        this.offset = offset;
        this.magic = magic;
    }

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

    private static ForeignFormat hex(String name, int offset, String magic) {
        return new ForeignFormat(name, offset, HexFormat.of().parseHex(magic));
    }
}
