package org.transfer4j.dataset;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;
import org.transfer4j.internal.label.LabelText;

/**
 * Whether the JVM could read the name of a file. On Unix a name is bytes, which the JVM decodes by the locale it was
 * started in: in bare containers as ASCII, whatever they are.
 */
final class FileName {
    private static final boolean NAMES_ARE_BYTES =
            FileSystems.getDefault().getSeparator().equals("/");

    private FileName() {}

    /** Why a name is not what it seems to be, and what to do; empty where it was read rightly. */
    static Optional<String> problem(Path file) {
        String name = String.valueOf(file.getFileName());
        boolean bytes = NAMES_ARE_BYTES && file.getFileSystem() == FileSystems.getDefault();
        if (LabelText.undecoded(name).isPresent()) {
            return Optional.of("has a name that can't be decoded" + (bytes ? advice(file) : ""));
        }
        return bytes && isUtf8In(name, encoding())
                ? Optional.of("has a name that is UTF-8, but is read in another encoding" + advice(file))
                : Optional.empty();
    }

    /** What to do where a name can't be decoded or encoded. */
    static String advice() {
        return encoding().equals(StandardCharsets.UTF_8)
                ? "this JVM takes file names for UTF-8: rename what is not"
                : "this JVM takes file names for " + encoding() + ": start it with LC_ALL=C.UTF-8 in its environment"
                        + " (-Dfile.encoding and -Dsun.jnu.encoding don't change that)";
    }

    private static String advice(Path file) {
        return ", " + file.toUri().getRawPath() + "; " + advice();
    }

    private static Charset encoding() {
        return Charset.forName(System.getProperty("sun.jnu.encoding"));
    }

    /** Whether the bytes that were decoded to this name are UTF-8 beyond ASCII: no coincidence worth to be reckoned with. */
    static boolean isUtf8In(String name, Charset encoding) {
        if (encoding.equals(StandardCharsets.UTF_8) || name.chars().allMatch(c -> c < 0x80)) {
            return false;
        }
        try {
            ByteBuffer bytes = encoding.newEncoder().encode(CharBuffer.wrap(name));
            String utf8 = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return !utf8.equals(name) && utf8.chars().anyMatch(c -> c >= 0x80);
        } catch (CharacterCodingException | UnsupportedOperationException e) {
            return false;
        }
    }
}
