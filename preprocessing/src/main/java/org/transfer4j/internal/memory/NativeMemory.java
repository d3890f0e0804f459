package org.transfer4j.internal.memory;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.MemoryLimitException;

/**
 * The one budget for memory outside of the heap. It is JavaCPP's own, which counts the arrays of ND4J and OpenCV, so that
 * whatever else the library takes is taken through JavaCPP too: {@link #allocate}. JavaCPP reads its limit when its first
 * class is loaded; {@link #apply} sets it before.
 */
public final class NativeMemory {
    /** The system property. */
    public static final String PROPERTY = "transfer4j.memory";

    private static final String JAVACPP_BYTES = "org.bytedeco.javacpp.maxbytes";
    private static final String JAVACPP_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxphysicalbytes";

    /** What also a JVM with a small heap has: VGG16 learns in it. */
    private static final long LEAST = 1L << 30;

    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmgt]?)b?");
    private static final List<String> UNITS = List.of("", "k", "m", "g", "t");

    private static final long LIMIT = applied();

    private NativeMemory() {}

    /**
     * Tells JavaCPP the limit, if it has not been told another: called by all that users begin with.
     *
     * @throws IllegalArgumentException if the property is no size
     */
    public static void apply() {
        limit();
    }

    /**
     * The most bytes that may be taken.
     *
     * @throws IllegalArgumentException if the property is no size
     */
    public static long limit() {
        String wanted = System.getProperty(PROPERTY);
        return wanted == null
                ? LIMIT
                : bytes(wanted)
                        .orElseThrow(() -> new IllegalArgumentException(PROPERTY
                                + " must be a size such as 512m or 4g, in bytes or with k, m, g or t behind, got "
                                + wanted));
    }

    private static long applied() {
        String javaCpp = System.getProperty(JAVACPP_BYTES, System.getProperty("org.bytedeco.javacpp.maxBytes"));
        if (javaCpp != null) {
            // not asked of JavaCPP, which would start it; 0 is no limit there
            return bytes(javaCpp).orElseGet(NativeMemory::machine);
        }
        // what is no size is refused by limit(): here it would be lost for the process
        long limit = bytes(System.getProperty(PROPERTY, ""))
                .orElseGet(() -> beside(Runtime.getRuntime().maxMemory(), machine()));
        System.setProperty(JAVACPP_BYTES, Long.toString(limit));
        if (!isSet(JAVACPP_PHYSICAL_BYTES) && !isSet("org.bytedeco.javacpp.maxPhysicalBytes")) {
            // as JavaCPP would: what it counts here is the whole process, with the heap
            System.setProperty(
                    JAVACPP_PHYSICAL_BYTES,
                    Long.toString(limit + Runtime.getRuntime().maxMemory()));
        }
        return limit;
    }

    private static boolean isSet(String property) {
        return System.getProperty(property) != null;
    }

    /** The limit where nobody gave one. */
    static long beside(long heap, long machine) {
        return Math.min(Math.max(heap, LEAST), Math.max(machine - heap, machine / 4));
    }

    /** What the container may have, or the machine where there is none: JDK 17 knows of containers. */
    private static long machine() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    /** Reads a size as the JVM's own options have it; empty where it is none, or 0. */
    private static OptionalLong bytes(String size) {
        Matcher matcher = SIZE.matcher(size.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(matcher.group(1));
        int power = 10 * UNITS.indexOf(matcher.group(2));
        return number > 0 && number <= Long.MAX_VALUE >> power
                ? OptionalLong.of(number << power)
                : OptionalLong.empty();
    }

    /**
     * A block of memory that counts, for the caller to free. Its contents are undefined.
     *
     * @param what what it is for, for the error
     * @throws MemoryLimitException if it is more than the limit leaves
     */
    public static BytePointer allocate(long bytes, String what) {
        require(null, what, bytes);
        try {
            return new BytePointer(bytes);
        } catch (OutOfMemoryError e) {
            if (!isNative(e)) {
                throw e;
            }
            throw new MemoryLimitException(null, text(what, bytes), e);
        }
    }

    /**
     * Refuses work that can't be done, before anything is taken for it.
     *
     * @param file the file that wants it, or null
     * @param what what it is for
     * @param bytes what it takes at least
     * @throws MemoryLimitException if that is more than the limit
     */
    public static void require(@Nullable Path file, String what, long bytes) {
        if (bytes > limit()) {
            throw new MemoryLimitException(file, text(what, bytes), null);
        }
    }

    private static String text(String what, long bytes) {
        return what + " needs " + megabytes(bytes) + " outside of the heap, " + rule();
    }

    private static String rule() {
        long free = Math.max(0, limit() - Pointer.totalBytes());
        return "but of the limit of " + megabytes(limit()) + " only " + megabytes(free) + " are free: -D" + PROPERTY
                + "=4g, for example, sets it when the JVM starts"
                + (isLower() ? ", and here -D" + JAVACPP_BYTES + ", which is lower" : "");
    }

    /** JavaCPP was loaded or told otherwise before. */
    private static boolean isLower() {
        return Pointer.maxBytes() > 0 && Pointer.maxBytes() < limit();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", (bytes + (1 << 20) - 1) >> 20);
    }

    /**
     * Does some work that takes native memory through others.
     *
     * @throws MemoryLimitException if JavaCPP's limit was reached in it, in this thread or in one that it waited for
     */
    public static <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (OutOfMemoryError | RuntimeException e) {
            OutOfMemoryError reached = nativeCause(e);
            if (reached == null || e instanceof MemoryLimitException) {
                throw e;
            }
            throw new MemoryLimitException(null, reached(String.valueOf(reached.getMessage())), e);
        }
    }

    private static String reached(String javaCpp) {
        if (!javaCpp.contains("hysical")) {
            return "this needs more memory outside of the heap, " + rule();
        }
        return "this needs more memory than the process may have, which holds " + megabytes(Pointer.physicalBytes())
                + " of " + megabytes(Pointer.maxPhysicalBytes()) + ", its heap among them: -D" + PROPERTY
                + "=4g, for example, sets what it may have outside of the heap when the JVM starts";
    }

    private static @Nullable OutOfMemoryError nativeCause(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof OutOfMemoryError error && isNative(error)) {
                return error;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /** JavaCPP tells of its counts and of itself, a full heap of neither. */
    private static boolean isNative(OutOfMemoryError error) {
        String message = String.valueOf(error.getMessage());
        return message.contains("totalBytes") || message.contains("hysical") || message.contains("Native allocator");
    }
}
