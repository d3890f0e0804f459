package org.transfer4j.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.transfer4j.error.TransferException;

/**
 * What Jazzer calls with each input: the parser that {@code -Dfuzz.parser} names must take it, or refuse it as documented,
 * within a second of its thread's time ({@link Parser#mostSeconds}) and 256 MB taken from the heap.
 */
public final class FuzzTarget {
    private static final long MOST_BYTES = 256L << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Parser PARSER =
            Parser.valueOf(System.getProperty("fuzz.parser", "").toUpperCase(Locale.ROOT));

    /** A bug is planted where no seed comes by: the refusal whose message this finds is taken for one. */
    private static final Pattern PLANTED =
            Pattern.compile(Boolean.getBoolean("fuzz.planted") ? PARSER.planted() : "(?!)", Pattern.DOTALL);

    private FuzzTarget() {}

    /** Loads what is loaded once: the first input would be blamed for it. */
    public static void fuzzerInitialize() {
        Seeds.of(PARSER).values().forEach(FuzzTarget::parse);
    }

    public static void fuzzerTestOneInput(byte[] input) {
        // what costs too much once may have loaded classes, which Jazzer instruments then, hundreds of megabytes for
        // some
        cost(input).filter(first -> cost(input).isPresent()).ifPresent(cost -> {
            throw new AssertionError(input.length + " bytes cost " + cost);
        });
    }

    /** What an input costs, where that is too much. */
    private static Optional<String> cost(byte[] input) {
        long thread = Thread.currentThread().getId();
        long bytes = THREADS.getThreadAllocatedBytes(thread);
        long nanos = THREADS.getCurrentThreadCpuTime();
        parse(input);
        nanos = THREADS.getCurrentThreadCpuTime() - nanos;
        bytes = THREADS.getThreadAllocatedBytes(thread) - bytes;
        return nanos > PARSER.mostSeconds() * 1_000_000_000L || bytes > MOST_BYTES
                ? Optional.of(nanos / 1e9 + " s and " + bytes + " bytes")
                : Optional.empty();
    }

    private static void parse(byte[] input) {
        try {
            PARSER.parse(input);
        } catch (TransferException documented) {
            check(documented);
        } catch (IllegalArgumentException documented) {
            // files have exceptions of their own
            if (!PARSER.refusesArguments()) {
                throw documented;
            }
            check(documented);
        }
    }

    private static void check(RuntimeException documented) {
        if (PLANTED.matcher(String.valueOf(documented.getMessage())).find()) {
            throw new AssertionError("the planted bug", documented);
        }
    }
}
