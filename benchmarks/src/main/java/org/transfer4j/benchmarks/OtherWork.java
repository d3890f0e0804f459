package org.transfer4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.transfer4j.benchmarks.Benchmarks.ClassPath;
import picocli.CommandLine;

/** The option that says how busy the machine is meanwhile. */
final class OtherWork {
    @CommandLine.Option(
            names = "--busy",
            defaultValue = "0",
            description = "how many other processes keep a core busy while it is measured")
    private int processes;

    /** Measures, beside the others; prints what CPU time each side had. */
    <T> T beside(Callable<T> measurement) throws Exception {
        List<Process> others = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                others.add(start());
            }
            for (Process other : others) {
                // a line says that it has begun
                if (other.getInputStream().read() < 0) {
                    throw new IOException("a busy process ended before it was measured beside it");
                }
            }
            double start = System.nanoTime() / 1e9;
            double ours = seconds(ProcessHandle.current());
            double theirs = seconds(others);
            T measured = measurement.call();
            if (processes > 0) {
                System.out.println(String.format(
                        Locale.ROOT,
                        "CPU seconds in %.1f s: %.1f, and %.1f of %d busy processes",
                        System.nanoTime() / 1e9 - start,
                        seconds(ProcessHandle.current()) - ours,
                        seconds(others) - theirs,
                        processes));
            }
            return measured;
        } finally {
            others.forEach(other -> other.destroyForcibly().onExit().join());
        }
    }

    private static double seconds(List<Process> processes) {
        return processes.stream()
                .mapToDouble(process -> seconds(process.toHandle()))
                .sum();
    }

    private static double seconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
    }

    private static Process start() {
        try {
            return new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx16m",
                            "-XX:+UseSerialGC",
                            "-cp",
                            ClassPath.ofThisProgram(),
                            BusyLoop.class.getName())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("no busy process", e);
        }
    }

    /** A program that keeps a core busy until its input ends, as it does where the process that started it is gone. */
    static final class BusyLoop {
        private BusyLoop() {}

        public static void main(String[] arguments) {
            Thread spinning = new Thread(() -> {
                while (true) {
                    Thread.onSpinWait();
                }
            });
            spinning.setDaemon(true);
            spinning.start();
            System.out.println("busy");
            try {
                while (System.in.read() >= 0) {
                    // nothing is said
                }
            } catch (IOException e) {
                // the end as well
            }
        }
    }
}
