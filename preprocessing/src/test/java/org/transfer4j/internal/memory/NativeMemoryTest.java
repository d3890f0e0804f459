package org.transfer4j.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.MemoryLimitException;

class NativeMemoryTest {
    private static final long GIGABYTE = 1L << 30;

    @AfterEach
    void forgetTheLimit() {
        System.clearProperty(NativeMemory.PROPERTY);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1024, 1024",
        "1k, 1024",
        "512m, 536870912",
        "4G, 4294967296",
        "2gb, 2147483648",
        "1t, 1099511627776"
    })
    void sizesAreThoseOfTheJvm(String text, long bytes) {
        System.setProperty(NativeMemory.PROPERTY, text);
        assertThat(NativeMemory.limit()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "4 gigabytes", "1.5g", "m", "99999999999999999999", "999999999999999999t"})
    void whatIsNoSizeIsRefused(String text) {
        System.setProperty(NativeMemory.PROPERTY, text);
        assertThatThrownBy(NativeMemory::limit)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("transfer4j.memory must be a size such as 512m or 4g")
                .hasMessageEndingWith("got " + text);
    }

    /** Whoever comes first initialises the class, which must not be lost for the process. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "999999999999999999t"})
    void whatIsNoSizeIsRefusedFromTheStart(String text) throws Exception {
        System.setProperty(NativeMemory.PROPERTY, text);
        Map<String, Optional<String>> javaCpp = new HashMap<>();
        for (String property : List.of("org.bytedeco.javacpp.maxbytes", "org.bytedeco.javacpp.maxphysicalbytes")) {
            javaCpp.put(property, Optional.ofNullable(System.clearProperty(property)));
        }
        URL[] home = {NativeMemory.class.getProtectionDomain().getCodeSource().getLocation()};
        try (URLClassLoader anew = new URLClassLoader(home, NativeMemory.class.getClassLoader()) {
            @Override
            public Class<?> loadClass(String name) throws ClassNotFoundException {
                return name.equals(NativeMemory.class.getName()) ? findClass(name) : super.loadClass(name);
            }
        }) {
            Method limit = anew.loadClass(NativeMemory.class.getName()).getMethod("limit");
            assertThatThrownBy(() -> limit.invoke(null))
                    .hasCauseInstanceOf(IllegalArgumentException.class)
                    .rootCause()
                    .hasMessageEndingWith("got " + text);
        } finally {
            javaCpp.forEach((property, value) -> value.ifPresentOrElse(
                    former -> System.setProperty(property, former), () -> System.clearProperty(property)));
        }
    }

    @Test
    void withoutAWordItIsTheHeapsLimitFromAGigabyteOrWhatIsLeftBesideIt() {
        assertThat(NativeMemory.beside(GIGABYTE, 16 * GIGABYTE)).isEqualTo(GIGABYTE);
        assertThat(NativeMemory.beside(2 * GIGABYTE, 16 * GIGABYTE)).isEqualTo(2 * GIGABYTE);
        assertThat(NativeMemory.beside(GIGABYTE / 4, 16 * GIGABYTE)).isEqualTo(GIGABYTE);
        assertThat(NativeMemory.beside(GIGABYTE / 4, GIGABYTE)).isEqualTo(GIGABYTE / 4 * 3);
        assertThat(NativeMemory.beside(3 * GIGABYTE, 4 * GIGABYTE)).isEqualTo(GIGABYTE);
        assertThat(NativeMemory.beside(4 * GIGABYTE, 4 * GIGABYTE)).isEqualTo(GIGABYTE);
    }

    @Test
    void blocksAreCountedByJavaCpp() {
        long before = Pointer.totalBytes();
        try (BytePointer block = NativeMemory.allocate(1 << 20, "a block")) {
            assertThat(Pointer.totalBytes() - before).isEqualTo(1 << 20);
            assertThat(block.capacity()).isEqualTo(1 << 20);
        }
    }

    @Test
    void whatIsLargerThanTheLimitIsRefusedByItsName() {
        System.setProperty(NativeMemory.PROPERTY, "8m");
        assertThatThrownBy(() -> NativeMemory.allocate(9 << 20, "a test"))
                .isInstanceOf(MemoryLimitException.class)
                .hasMessageContaining("a test needs 9 MB outside of the heap")
                .hasMessageContaining("of the limit of 8 MB")
                .hasMessageContaining("-Dtransfer4j.memory=4g");
    }

    @Test
    void whatJavaCppRefusesIsSaidByOurSetting() {
        long tooMuch = Pointer.maxBytes() + 1;
        assertThatThrownBy(() -> NativeMemory.guarded(() -> {
                    try {
                        return new BytePointer(tooMuch);
                    } catch (OutOfMemoryError e) {
                        throw new IllegalStateException("as a worker would say it", e);
                    }
                }))
                .isInstanceOf(MemoryLimitException.class)
                .hasMessageContaining("-Dtransfer4j.memory=4g")
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void aProcessThatIsTooLargeIsNotSaidToLackWhatIsFree() {
        OutOfMemoryError physical = new OutOfMemoryError(
                "Physical memory usage is too high: physicalBytes (538M) > maxPhysicalBytes (512M)");
        assertThatThrownBy(() -> NativeMemory.guarded(() -> {
                    throw physical;
                }))
                .isInstanceOf(MemoryLimitException.class)
                .hasMessageContaining("more memory than the process may have, which holds ")
                .hasMessageContaining("-Dtransfer4j.memory=4g");
    }

    @Test
    void aFullHeapIsNotOurs() {
        OutOfMemoryError heap = new OutOfMemoryError("Java heap space");
        assertThatThrownBy(() -> NativeMemory.guarded(() -> {
                    throw heap;
                }))
                .isSameAs(heap);
    }
}
