package org.transfer4j.internal.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Runs a main class in a JVM of its own, for what is decided or counted once in a process. */
public final class AnotherProcess {
    private AnotherProcess() {}

    /** What the main class printed, given that it ended well. */
    public static String output(Class<?> main, Predicate<String> classPathEntries, String... options) throws Exception {
        return output(main, classPathEntries, Map.of(), options);
    }

    /**
     * What the main class printed, given that it ended well.
     *
     * @param environment variables that it sees besides those of this process
     */
    public static String output(
            Class<?> main, Predicate<String> classPathEntries, Map<String, String> environment, String... options)
            throws Exception {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(classPathEntries)
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, main.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
