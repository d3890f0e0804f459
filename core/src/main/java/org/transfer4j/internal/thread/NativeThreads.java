package org.transfer4j.internal.thread;

import java.util.OptionalInt;
import java.util.function.Supplier;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * How many threads native code uses: one setting for oneDNN, ND4J and its BLAS. Without it ND4J's own, which is the
 * number of cores, or what the environment variable {@code OMP_NUM_THREADS} says.
 *
 * <p>OpenMP keeps the number for each thread that asks for work, not for the process. On Linux oneDNN and ND4J share one
 * OpenMP, so that ND4J's call sets it for both; where oneDNN brings another, {@code OMP_NUM_THREADS} governs it.
 */
public final class NativeThreads {
    /** The system property. */
    public static final String PROPERTY = "transfer4j.threads";

    private NativeThreads() {}

    /**
     * What the property says.
     *
     * @return empty where it is not set
     * @throws IllegalArgumentException if it is no whole number from 1
     */
    public static OptionalInt wanted() {
        String value = System.getProperty(PROPERTY);
        if (value == null) {
            return OptionalInt.empty();
        }
        try {
            int threads = Integer.parseInt(value.strip());
            if (threads > 0) {
                return OptionalInt.of(threads);
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(PROPERTY + " must be a whole number from 1, got " + value);
    }

    /** How many there are. */
    public static int count() {
        return wanted().orElseGet(() -> Nd4j.getEnvironment().maxMasterThreads());
    }

    /**
     * Lets ND4J keep to the property, where it is set, from now on and in the calling thread. More threads than cores
     * ND4J's own loops don't take.
     *
     * @throws IllegalArgumentException if the property is no whole number from 1
     */
    public static void applyToNd4j() {
        wanted().ifPresent(threads -> {
            // not setMaxThreads, which is the size of a pool that is there already and does nothing
            Nd4j.getEnvironment().setMaxMasterThreads(threads);
            Nd4j.factory().blas().setMaxThreads(threads);
            openMp().setOmpNumThreads(threads);
        });
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

    private static NativeOps openMp() {
        Nd4j.getExecutioner(); // loads the native library
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }
}
