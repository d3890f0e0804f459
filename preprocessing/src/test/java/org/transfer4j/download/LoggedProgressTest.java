package org.transfer4j.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoggedProgressTest {
    private final AtomicLong seconds = new AtomicLong();
    private final List<String> lines = new ArrayList<>();
    private final DownloadProgress progress =
            new LoggedProgress(() -> TimeUnit.SECONDS.toNanos(seconds.get()), lines::add);

    @Test
    void writesALineEachFiveSecondsAtMost() {
        progress.started("a.h5", 8_000_000);
        progress.advanced("a.h5", 1_000_000);
        seconds.set(5);
        progress.advanced("a.h5", 2_000_000);
        progress.advanced("a.h5", 3_000_000);
        seconds.set(9);
        progress.advanced("a.h5", 4_000_000);
        progress.finished("a.h5");
        assertThat(lines)
                .containsExactly(
                        "downloading a.h5 (8.0 MB)", "a.h5: 2.0 MB of 8.0, 25%", "download of a.h5 ended at 4.0 MB");
    }

    @Test
    void managesWithoutASize() {
        progress.started("a.h5", -1);
        seconds.set(6);
        progress.advanced("a.h5", 1_500_000);
        assertThat(lines).containsExactly("downloading a.h5", "a.h5: 1.5 MB");
    }

    @Test
    void ignoresWhatNeverStarted() {
        progress.advanced("b.h5", 1);
        progress.finished("b.h5");
        assertThat(lines).isEmpty();
    }
}
