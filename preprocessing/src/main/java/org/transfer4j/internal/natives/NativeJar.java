package org.transfer4j.internal.natives;

import java.util.List;
import java.util.stream.Stream;

/** The jars with native code without which nothing goes. */
enum NativeJar {
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
