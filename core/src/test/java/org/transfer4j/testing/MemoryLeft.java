package org.transfer4j.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;

/**
 * How much memory a piece of work leaves behind each time. What the JVM and malloc do beside it, such as compiling, is
 * a few megabytes however often the work is done, and a leak is not: so the work is done more and more often. Linux only;
 * for a process with a heap whose pages are all there.
 */
public final class MemoryLeft {
    private static final int DOUBLINGS = 5;

    private MemoryLeft() {}

    /**
     * Bytes that one round leaves: those of the first number of rounds that makes them few enough, or of the last.
     *
     * @param work one round
     * @param rounds the first number of rounds, then twice as many, and so on
     * @param few what a leak would exceed, in bytes
     * @return the growth of the process over these rounds, divided by their number
     * @throws Exception what the work throws
     */
    public static long bytesARound(Callable<?> work, int rounds, long few) throws Exception {
        repeat(work, rounds);
        long before = residentBytes();
        for (int doubling = 0; ; doubling++) {
            int more = rounds << doubling;
            repeat(work, more);
            long after = residentBytes();
            long left = (after - before) / more;
            if (left < few || doubling == DOUBLINGS) {
                return left;
            }
            before = after;
        }
    }

    private static void repeat(Callable<?> work, int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            work.call();
        }
    }

    private static long residentBytes() throws IOException, InterruptedException {
        System.gc();
        // JavaCPP's thread frees what the collector found
        long pointers;
        do {
            pointers = Pointer.totalCount();
            Thread.sleep(200);
        } while (Pointer.totalCount() < pointers);
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
