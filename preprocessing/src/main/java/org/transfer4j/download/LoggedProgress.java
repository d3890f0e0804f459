package org.transfer4j.download;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/** Progress as a few lines of the log. */
final class LoggedProgress implements DownloadProgress {
    private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;
    private final Consumer<String> log;

    LoggedProgress() {
        this(System::nanoTime, LoggerFactory.getLogger(DownloadProgress.class)::info);
    }

    LoggedProgress(LongSupplier nanoTime, Consumer<String> log) {
        this.nanoTime = nanoTime;
        this.log = log;
    }

    @Override
    public void started(String name, long totalBytes) {
        states.put(name, new State(totalBytes, 0, nanoTime.getAsLong()));
        log.accept("downloading " + name + (totalBytes < 0 ? "" : " (" + megabytes(totalBytes) + " MB)"));
    }

    @Override
    public void advanced(String name, long bytes) {
        states.computeIfPresent(name, (key, state) -> {
            long now = nanoTime.getAsLong();
            if (now - state.lastLine < PAUSE_NANOS) {
                return new State(state.total, bytes, state.lastLine);
            }
            log.accept(name + ": " + megabytes(bytes) + " MB"
                    + (state.total <= 0
                            ? ""
                            : " of " + megabytes(state.total) + ", " + 100 * bytes / state.total + "%"));
            return new State(state.total, bytes, now);
        });
    }

    @Override
    public void finished(String name) {
        State state = states.remove(name);
        if (state != null) {
            log.accept("download of " + name + " ended at " + megabytes(state.bytes) + " MB");
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f", bytes / 1e6);
    }

    private record State(long total, long bytes, long lastLine) {}
}
