package org.transfer4j.internal.thread;

import java.util.OptionalInt;
import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.transfer4j.internal.natives.FirstUse;

/**
 * How many threads compute: one setting for oneDNN, ND4J, its BLAS and {@link Workers}. Without it ND4J's own, which is
 * the number of cores, or what the environment variable {@code OMP_NUM_THREADS} says, and no more than the processors
 * that the JVM was given: a container's quota ND4J does not know.
 *
 * <p>OpenMP keeps the number for each thread that asks for work, not for the process. On Linux oneDNN and ND4J share one
 * OpenMP, so that ND4J's call sets it for both; where oneDNN brings another, {@code OMP_NUM_THREADS} governs it.
 */
public final class NativeThreads {
    /** The system property. */
    public static final String PROPERTY = "transfer4j.threads";

    /** More than a machine has cores; each is a thread of its own in more than one pool. */
    private static final int MOST = 1024;

    /** What a core multiplies in 3 ms or so. */
    public static final long SMALL = 250_000_000;

    private NativeThreads() {}

    /**
     * What the property says.
     *
     * @return empty where it is not set
     * @throws IllegalArgumentException if it is no whole number from 1 to 1,024
     */
    public static OptionalInt wanted() {
        String value = System.getProperty(PROPERTY);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            int threads = Integer.parseInt(value.strip());
            if (threads > 0 && threads <= MOST) {
                return OptionalInt.of(threads);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(PROPERTY + " must be a whole number from 1 to " + MOST + ", got " + value);
    }

    /** How many there are. */
    public static int count() {
        return wanted().orElseGet(() -> Math.min(
                Nd4j.getEnvironment().maxMasterThreads(), Runtime.getRuntime().availableProcessors()));
    }

    /**
     * How many threads should share a piece of work at each step of it: all, or one where it is so small that they would
     * mostly wait for each other.
     *
     * @param multiplications how many numbers are multiplied
     * @param all how many threads there are
     */
    public static int worthwhile(long multiplications, int all) {
        return multiplications < SMALL ? 1 : all;
    }

    /**
     * Starts ND4J, where that was not done yet, and lets it keep to {@link #count}, from now on and in the calling thread. More threads than cores ND4J's own loops
     * don't take.
     *
     * @throws IllegalArgumentException if the property is no whole number from 1 to 1,024
     */
    public static void applyToNd4j() {
        FirstUse.ND4J.start();
        int threads = count();
        if (wanted().isPresent() || threads < Nd4j.getEnvironment().maxMasterThreads()) {
            // not setMaxThreads, which is the size of a pool that is there already and does nothing
            Nd4j.getEnvironment().setMaxMasterThreads(threads);
            Nd4j.factory().blas().setMaxThreads(threads);
            openMp().setOmpNumThreads(threads);
        }
    }

    /** Whether {@link #with} is for oneDNN too: where it shares OpenMP with ND4J. */
    public static boolean governOneDnn() {
        return System.getProperty("os.name").startsWith("Linux");
    }

    /** Does some native work with so many threads; afterwards the calling thread has its own number again. */
    public static <T> T with(int threads, Supplier<T> work) {
        NativeOps openMp = openMp();
        int before = openMp.ompGetMaxThreads();
        openMp.setOmpNumThreads(threads);
        try {
            return work.get();
        } finally {
            openMp.setOmpNumThreads(before);
        }
    }

    /** OpenMP, as ND4J has it. */
    static NativeOps openMp() {
        Nd4j.getExecutioner(); // loads the native library
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }
}
