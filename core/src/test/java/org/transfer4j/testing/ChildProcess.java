package org.transfer4j.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A main class in a JVM of its own, to be waited for or killed. */
public final class ChildProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final StringBuilder seen = new StringBuilder();

    /**
     * Starts it.
     *
     * @param main its main class, with the class path of this process
     * @param arguments for main
     * @throws IOException if it can't be started
     */
    public ChildProcess(Class<?> main, String... arguments) throws IOException {
        this(Map.of(), main, arguments);
    }

    /**
     * Starts it in an environment of its own.
     *
     * @param environment variables that are added
     * @param main its main class, with the class path of this process
     * @param arguments for main
     * @throws IOException if it can't be started
     */
    public ChildProcess(Map<String, String> environment, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        process = builder.start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Waits until the process prints a line.
     *
     * @param start how the line starts
     * @return the line
     * @throws IOException if the process ends without it
     */
    public String await(String start) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
            seen.append(line).append('\n');
        }
        throw new IOException("the process ended without \"" + start + "\": " + seen);
    }

    /**
     * Ends it at once, as the operating system does.
     *
     * @throws InterruptedException if this thread is interrupted
     */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }
}
