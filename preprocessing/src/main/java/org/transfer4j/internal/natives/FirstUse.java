package org.transfer4j.internal.natives;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * The first use of a library that is started by static initialisers. What goes wrong in these goes wrong for the rest
 * of the process, and much of it depends on the thread that happens to come first: ND4J looks for its backend with that
 * thread's context class loader, which on a common-pool thread does not see into a Spring Boot jar, and JavaCPP gives up
 * unpacking a native library where the thread is interrupted. So they are started here, on a thread of its own.
 *
 * <p>Whatever the public face does with such a library comes after {@link #start}; a test follows the calls.
 */
public final class FirstUse {
    /** Arrays. */
    public static final FirstUse ND4J = new FirstUse("ND4J", Nd4j.class);

    /** Decoding and resizing. */
    public static final FirstUse OPENCV =
            new FirstUse("OpenCV", opencv_core.class, opencv_imgproc.class, opencv_imgcodecs.class);

    /** For all libraries: one may need another. */
    private static final Object TURN = new Object();

    private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";

    private final String name;
    private final List<Class<?>> classes;
    private volatile boolean started;
    private @Nullable Throwable failure;

    /**
     * Describes a library.
     *
     * @param name what errors call it
     * @param classes those whose initialisation starts it, in this order
     */
    public FirstUse(String name, Class<?>... classes) {
        this.name = name;
        this.classes = List.of(classes);
    }

    /**
     * Starts the library, if that was not done yet. May be called from any thread, interrupted or not, at any time.
     *
     * @throws UncheckedIOException if its native part can't be unpacked; the message names folder and setting
     * @throws IllegalStateException if it does not start for another reason, such as a platform without a native part
     */
    public void start() {
        if (started) {
            return;
        }
        NativeMemory.apply();
        synchronized (TURN) {
            if (failure == null && !started) {
                requireCache();
                failure = startedOnThreadOfItsOwn();
                started = failure == null;
            }
            if (failure != null) {
                throw failed(failure);
            }
        }
    }

    /** Asked first, since nothing is lost for the process yet where there is no such folder. */
    private void requireCache() {
        try {
            Loader.getCacheDir();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the native part of " + name + " can't be unpacked: neither " + System.getProperty("user.home")
                            + "/.javacpp/cache nor a folder in " + System.getProperty("java.io.tmpdir")
                            + " can be written to; another folder is set with -D" + CACHE_PROPERTY + "=<folder>",
                    e);
        }
    }

    private @Nullable Throwable startedOnThreadOfItsOwn() {
        Starting starting = new Starting(classes);
        Thread thread = new Thread(starting, "transfer4j-first-use");
        thread.setDaemon(true);
        thread.setContextClassLoader(FirstUse.class.getClassLoader());
        thread.start();
        Interruption.join(thread);
        return starting.failure;
    }

    private RuntimeException failed(Throwable thrown) {
        Throwable root = thrown;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            root = cause;
            if (cause instanceof IOException unpacking) {
                return new UncheckedIOException(
                        "the native part of " + name + " can't be unpacked into the folder " + cacheFolder() + ": "
                                + unpacking.getMessage() + "; another folder is set with -D" + CACHE_PROPERTY
                                + "=<folder>, and this process has to be started again",
                        unpacking);
            }
        }
        List<String> missing = NativeJar.missing(Loader.getPlatform());
        if (!missing.isEmpty()) {
            return new IllegalStateException(
                    name + " does not start: the native part of " + missing + " for this platform must be on the class"
                            + " path, each a jar of its own with the classifier " + Loader.getPlatform()
                            + "; a build brings those of the machine that it runs on",
                    thrown);
        }
        return new IllegalStateException(name + " does not start: " + root, thrown);
    }

    private static String cacheFolder() {
        try {
            return Loader.getCacheDir().toString();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** A class of its own: a lambda's code belongs to a class that may be waiting for this very thread. */
    private static final class Starting implements Runnable {
        private final List<Class<?>> classes;
        private @Nullable Throwable failure;

        Starting(List<Class<?>> classes) {
            this.classes = classes;
        }

        @Override
        public void run() {
            try {
                for (Class<?> each : classes) {
                    if (each == Nd4j.class) {
                        letNd4jSeeItsBackend();
                    }
                    Class.forName(each.getName(), true, each.getClassLoader());
                }
            } catch (Throwable e) {
                failure = e;
            }
        }

        /** The class loader that the application has chosen stays, where ND4J's backend can be found with it. */
        private static void letNd4jSeeItsBackend() {
            @Nullable ClassLoader chosen = ND4JClassLoading.getNd4jClassloader();
            String backend = Nd4jBackend.class.getName();
            if (chosen == null
                    || chosen.getResource("META-INF/services/" + backend) == null
                    || !Nd4jBackend.class.equals(ND4JClassLoading.loadClassByName(backend, false, chosen))) {
                ND4JClassLoading.setNd4jClassloaderFromClass(FirstUse.class);
            }
        }
    }

    /** The jars with native code without which nothing goes. */
    private enum NativeJar {
        OPENBLAS("org.bytedeco:openblas", "/org/bytedeco/openblas/", "jniopenblas_nolapack"),
        OPENCV("org.bytedeco:opencv", "/org/bytedeco/opencv/", "jniopencv_core"),
        ND4J("org.nd4j:nd4j-native", "/org/nd4j/linalg/cpu/nativecpu/bindings/", "jnind4jcpu");

        private final String dependency;
        private final String folder;
        private final String library;

        NativeJar(String dependency, String folder, String library) {
            this.dependency = dependency;
            this.folder = folder;
            this.library = library;
        }

        /** Which are not on the class path: their Maven group and name. */
        static List<String> missing(String platform) {
            return Stream.of(values())
                    .filter(jar -> !jar.isThereFor(platform))
                    .map(jar -> jar.dependency)
                    .toList();
        }

        private boolean isThereFor(String platform) {
            // as the linkers of Linux, of Macs and of Windows name them
            return Stream.of("lib" + library + ".so", "lib" + library + ".dylib", library + ".dll")
                    .anyMatch(file -> NativeJar.class.getResource(folder + platform + "/" + file) != null);
        }
    }
}
