package org.transfer4j.internal.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.transfer4j.internal.feature.FeatureStore.FeatureVolume;

class FeatureVolumeTest {
    private static final long DISK = 1 << 20;

    private static FileSystem disk() {
        return Jimfs.newFileSystem(Configuration.unix().toBuilder()
                .setMaxSize(DISK)
                .setBlockSize(1024)
                .build());
    }

    private static void require(FeatureVolume volume, Path folder) {
        volume.requireRoom(folder, "the features", "temporary folder", "make room");
    }

    @Test
    void sumsBothPasses() {
        FeatureVolume volume = FeatureVolume.of(300, 20, new long[] {512, 7, 7});
        assertThat(volume.rowBytes()).isEqualTo(100_352);
        assertThat(volume.rows()).isEqualTo(320);
        assertThat(volume.bytes()).isEqualTo(32_112_640);
    }

    @Test
    void imagesThatOnlyReadingCountsTakeNothing() {
        assertThat(FeatureVolume.of(-1, -1, new long[] {512}).bytes()).isZero();
    }

    @Test
    void moreThanAnyLongIsTheLargest() {
        assertThat(FeatureVolume.of(Long.MAX_VALUE / 2, 0, new long[] {1 << 20}).bytes())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void saysWhatEachPassNeedsAndWhatIsLeft() throws IOException {
        try (FileSystem disk = disk()) {
            Path folder = disk.getPath("/work");
            assertThatThrownBy(() -> require(FeatureVolume.of(200, 100, new long[] {1024}), folder))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith(
                            "can't keep features in the temporary folder /work: the features need 1228800")
                    .rootCause()
                    .hasMessageMatching(
                            "the features need 1228800 bytes \\(819200 for training, 409600 for validation\\),"
                                    + " the temporary folder /work has 104\\d{4} left; make room");
            assertThatThrownBy(() -> require(FeatureVolume.of(300, 0, new long[] {1024}), folder))
                    .rootCause()
                    .hasMessageStartingWith("the features need 1228800 bytes, the temporary folder");
        }
    }

    @Property(tries = 100)
    void isRefusedJustWhereItDoesNotFit(
            @ForAll @LongRange(max = 1 << 12) long training,
            @ForAll @LongRange(max = 1 << 12) long validation,
            @ForAll @IntRange(min = 1, max = 1 << 10) int values)
            throws IOException {
        FeatureVolume volume = FeatureVolume.of(training, validation, new long[] {values});
        try (FileSystem disk = disk()) {
            Path folder = disk.getPath("/work");
            long left = disk.getFileStores().iterator().next().getUsableSpace();
            assertThat(volume.fits(folder)).isEqualTo((training + validation) * values * 4 <= left);
            if (volume.fits(folder)) {
                assertThatCode(() -> require(volume, folder)).doesNotThrowAnyException();
            }
        }
    }
}
