package org.transfer4j.internal.label;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.error.DatasetException;

/**
 * The text of a label: Unicode's composed form (NFC), so that the same name is the same label whichever system wrote it;
 * macOS gives names in the decomposed one.
 */
public final class LabelText {
    private static final Logger LOG = LoggerFactory.getLogger(LabelText.class);
    private static final int MOST_NAMED = 10;
    private static final int MOST_SHOWN = 80;
    private static final char REPLACEMENT = '\uFFFD';
    /** Unicode's bound for text that is normalized piece by piece (UAX 15, Stream-Safe Text Format). */
    private static final int MOST_MARKS = 30;

    private static final Pattern INVISIBLE = Pattern.compile("\\p{Cf}");
    private static final Pattern BLANKS = Pattern.compile("[\\s\\p{Z}]+");

    private LabelText() {}

    /** The composed form. */
    public static String normal(String label) {
        return Normalizer.normalize(label, Normalizer.Form.NFC);
    }

    /**
     * The labels in their composed form.
     *
     * @throws IllegalArgumentException for a null label
     * @throws DatasetException for one that is {@link #unusable}
     */
    public static List<String> read(Collection<String> labels) {
        List<String> read = new ArrayList<>(labels.size());
        for (String label : labels) {
            if (label == null) {
                throw new IllegalArgumentException("labels must not be null, got null at position " + read.size()
                        + (labels.size() <= MOST_NAMED ? " of " + labels : ""));
            }
            unusable(label).ifPresent(sign -> {
                throw new DatasetException(null, "label " + read.size() + ", '" + shown(label) + "', has " + sign);
            });
            read.add(normal(label));
        }
        return read;
    }

    /**
     * What in a text makes it no label: characters that could not be decoded, since those who don't know them take many for
     * one, or more marks on a character than are written anywhere, which take quadratic time to be put in order.
     */
    public static Optional<String> unusable(String text) {
        return undecoded(text).or(() -> marks(text));
    }

    private static Optional<String> marks(String text) {
        int marks = 0;
        for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
            marks = isMark(text.codePointAt(at)) ? marks + 1 : 0;
            if (marks > MOST_MARKS) {
                return Optional.of("more than " + MOST_MARKS + " combining marks in a row, from which no name is made");
            }
        }
        return Optional.empty();
    }

    /** Also those that are marks in the compatible form alone, the half-width voiced sound marks of Japanese. */
    private static boolean isMark(int character) {
        int type = Character.getType(character);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || character == '\uFF9E'
                || character == '\uFF9F';
    }

    /** The beginning of a text that may be long. */
    public static String shown(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
    }

    /** What in a text stands for characters that could not be decoded. */
    public static Optional<String> undecoded(String text) {
        if (text.indexOf(REPLACEMENT) >= 0) {
            return Optional.of(
                    "the character U+FFFD, which stands for what could not be decoded: read it in the encoding in"
                            + " which it was written");
        }
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                ? Optional.of("half of a surrogate pair, which is no character and can't be stored")
                : Optional.empty();
    }

    /**
     * Warns of classes that are perhaps one: that differ in case, white space, invisible characters, or in what Unicode
     * calls compatible forms, such as full-width letters.
     *
     * @param of whose classes they are, for the message
     */
    public static void warnOfTwins(String of, Collection<String> classNames) {
        Map<String, String> seen = new LinkedHashMap<>();
        StringJoiner twins = new StringJoiner("; ");
        int count = 0;
        for (String name : classNames) {
            String first = seen.putIfAbsent(appearance(name), name);
            if (first != null && !first.equals(name) && ++count <= MOST_NAMED) {
                twins.add("'" + first + "' and '" + name + "'");
            }
        }
        if (count > 0) {
            LOG.warn(
                    "{} has classes that differ only in case, white space or Unicode form; each is a class of its own: {}{}",
                    of,
                    twins,
                    count > MOST_NAMED ? "; and " + (count - MOST_NAMED) + " more" : "");
        }
    }

    /** Warns of a class whose name is blank, beside others: its images may be those whose label is missing. */
    public static void warnOfBlank(String of, Collection<String> classNames) {
        if (classNames.size() > 1 && classNames.stream().anyMatch(String::isBlank)) {
            LOG.warn("{} has a class whose name is blank, beside others: is a label missing?", of);
        }
    }

    /** The class of which a label is a twin in this sense, though it is another one. */
    public static Optional<String> twin(String label, Collection<String> classNames) {
        String appearance = appearance(label);
        return classNames.stream()
                .filter(name -> !name.equals(label) && appearance(name).equals(appearance))
                .findFirst();
    }

    private static String appearance(String label) {
        String visible = INVISIBLE
                .matcher(Normalizer.normalize(label, Normalizer.Form.NFKC))
                .replaceAll("");
        // there and back: full case folding, which makes of a sharp s what it is in capitals
        String folded = visible.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(BLANKS.matcher(folded).replaceAll(" ").strip(), Normalizer.Form.NFC);
    }
}
