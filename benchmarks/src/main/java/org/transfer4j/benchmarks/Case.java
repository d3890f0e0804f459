package org.transfer4j.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * What is measured in one row of the table, written kind:size:batch:images.
 *
 * @param size height and width in pixels, or, of a head, the features of an image
 */
record Case(Kind kind, int size, int batch, int images) {
    private static final int HIDDEN_UNITS = 256;
    private static final int EPOCHS = 3;

    /** What DL4J as it comes gets to do of a trunk, of which it computes a twentieth of what the library does. */
    private static final int SHARE_OF_DL4J = 16;

    /** What is measured, and beside whom. */
    enum Kind {
        FEATURES,
        LATENCY,
        PHOTOS,
        JPEG,
        PNG,
        IDX,
        HEAD,
        HIDDEN,
        NOTEBOOK;

        private boolean isBeside(Peer peer) {
            return switch (this) {
                case FEATURES, LATENCY -> peer != Peer.MEMORY;
                case PHOTOS, JPEG, PNG, IDX -> peer == Peer.MEMORY;
                case HEAD, HIDDEN -> peer == Peer.KERAS || peer == Peer.DL4J;
                case NOTEBOOK -> peer == Peer.KERAS;
            };
        }

        private boolean isHead() {
            return this == HEAD || this == HIDDEN;
        }

        private String program() {
            if (isHead()) {
                return "head";
            }
            return switch (this) {
                case LATENCY -> "latency";
                case NOTEBOOK -> "notebook";
                default -> "features";
            };
        }
    }

    static Case parse(String text) {
        String[] parts = text.split(":", -1);
        try {
            if (parts.length == 4) {
                return new Case(
                        Kind.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                        Integer.parseInt(parts[1]),
                        Integer.parseInt(parts[2]),
                        Integer.parseInt(parts[3]));
            }
        } catch (IllegalArgumentException e) {
            throw malformed(text, e);
        }
        throw malformed(text, null);
    }

    private static CommandLine.TypeConversionException malformed(String text, @Nullable Throwable cause) {
        var refusal = new CommandLine.TypeConversionException("a case is kind:size:batch:images, such as"
                + " features:224:8:64, kind one of " + Arrays.toString(Kind.values()) + ", got " + text);
        refusal.initCause(cause);
        return refusal;
    }

    boolean isBeside(Peer peer) {
        return kind.isBeside(peer);
    }

    boolean isHead() {
        return kind.isHead();
    }

    boolean isLatency() {
        return kind == Kind.LATENCY;
    }

    String kerasScript() {
        if (isHead()) {
            return "keras_head.py";
        }
        return isMemory() ? "keras_notebook.py" : "keras_features.py";
    }

    boolean isMemory() {
        return kind == Kind.NOTEBOOK;
    }

    /** Whether a smaller figure is the better one. */
    boolean isCost() {
        return isLatency() || isMemory();
    }

    /** What the library's own program is told. */
    List<String> arguments() {
        return switch (kind) {
            case FEATURES, LATENCY, HEAD, HIDDEN, NOTEBOOK -> arguments(images);
            case PHOTOS, JPEG, PNG, IDX -> with(arguments(images), "--from", kind.name());
        };
    }

    /** What a peer's program is told: the same, in its own words. */
    List<String> arguments(Peer peer) {
        return switch (peer) {
            case KERAS, ONNX_RUNTIME -> arguments(images);
            case DL4J -> with(arguments(kind.isHead() ? images : fewImages()), "--engine", "DL4J");
            case MEMORY -> arguments(images);
        };
    }

    private int fewImages() {
        return isLatency()
                ? Math.max(1, images / SHARE_OF_DL4J)
                : Math.max(batch, images / SHARE_OF_DL4J / batch * batch);
    }

    private List<String> arguments(int count) {
        String size = kind.isHead() ? "--width" : "--size";
        List<String> all = List.of(kind.program(), size, "" + this.size, "--batch", "" + batch, "--images", "" + count);
        if (!kind.isHead()) {
            return all;
        }
        List<String> head = with(all, "--epochs", "" + EPOCHS);
        return kind == Kind.HIDDEN ? with(head, "--hidden", "" + HIDDEN_UNITS) : head;
    }

    private static List<String> with(List<String> arguments, String option, String value) {
        return Stream.concat(arguments.stream(), Stream.of(option, value)).toList();
    }

    /** The name of the row. */
    @Override
    public String toString() {
        return switch (kind) {
            case FEATURES -> "features " + pixels() + ", images/s";
            case LATENCY -> "latency " + pixels() + ", p50 ms";
            case PHOTOS -> "from 500x375 JPEGs to features " + pixels() + ", images/s";
            case JPEG -> "from 32x32 JPEGs to features " + pixels() + ", images/s";
            case PNG -> "from 28x28 PNGs to features " + pixels() + ", images/s";
            case IDX -> "from 28x28 IDX to features " + pixels() + ", images/s";
            case NOTEBOOK -> "the notebook's job " + pixels() + ", " + images + " images, peak MB";
            case HEAD -> "training softmax on " + size + " features, batch " + batch + ", images/s";
            case HIDDEN ->
                "training dense(" + HIDDEN_UNITS + ") and softmax on " + size + " features, batch " + batch
                        + ", images/s";
        };
    }

    private String pixels() {
        return size + "x" + size + " batch " + batch;
    }

    /** Beside whom the library is measured. */
    enum Peer {
        KERAS("Keras"),
        ONNX_RUNTIME("ONNX Runtime"),
        DL4J("DL4J"),
        /** The library itself, on images that need no decoding. */
        MEMORY("the same from memory");

        private final String title;

        Peer(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }
}
