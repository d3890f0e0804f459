package org.transfer4j.internal.image;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The formats that are decoded. Only these reach the native library: its readers of others are old and have holes. */
enum ImageFormat {
    JPEG("ffd8ff"),
    PNG("89504e470d0a1a0a"),
    BMP("424d");

    private final String magic;

    ImageFormat(String magic) {
        this.magic = magic;
    }

    /** Finds the format by its magic number, whatever the file's name says. */
    static ImageFormat of(EncodedBytes bytes) {
        if (bytes.size() == 0) {
            throw bytes.refused("is empty: 0 bytes");
        }
        for (ImageFormat format : values()) {
            if (bytes.startsWith(0, HexFormat.of().parseHex(format.magic))) {
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
        boolean text = true;
        for (byte b : head) {
            text &= (b >= ' ' && b < 0x7F) || b == '\n' || b == '\r' || b == '\t';
        }
        return text
                ? "\"" + new String(head, StandardCharsets.US_ASCII).replaceAll("[\\n\\r\\t]", " ") + "\""
                : "the bytes " + HexFormat.ofDelimiter(" ").formatHex(head);
    }
}
