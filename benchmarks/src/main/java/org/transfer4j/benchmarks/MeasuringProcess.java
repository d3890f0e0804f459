package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program in a process of its own that prints one figure in its last line, after a colon. */
record MeasuringProcess(List<String> command) {
    /** DL4J's convolutions unfold their input: 3.7 GB at 224x224 and batch 32. The rest is for the arrays around it. */
    private static final List<String> MEMORY =
            List.of("-Xmx4g", "-Dorg.bytedeco.javacpp.maxbytes=12g", "-Dorg.bytedeco.javacpp.maxphysicalbytes=16g");

    /** One of our own programs. */
    static MeasuringProcess java(List<String> arguments) {
        return java(MEMORY, arguments);
    }

    /** One of our own programs, in a JVM without options. */
    static MeasuringProcess plainJava(List<String> arguments) {
        return java(List.of(), arguments);
    }

    private static MeasuringProcess java(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        // run by exec:java, the class path is that of the loader, not of the JVM
        command.add(ClassPath.ofThisProgram());
        command.add(Benchmarks.class.getName());
        command.addAll(arguments);
        return new MeasuringProcess(command);
    }

    /** A peer's script. */
    static MeasuringProcess python(String interpreter, Path script, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(interpreter, script.toString()));
        command.addAll(arguments);
        return new MeasuringProcess(command);
    }

    /** Runs it. */
    double figure() throws IOException, InterruptedException {
        Path errors = Files.createTempFile("transfer4j-benchmark", ".txt");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int exitCode = process.waitFor();
            String last = output.substring(output.lastIndexOf('\n') + 1);
            if (exitCode != 0 || !last.contains(":")) {
                throw new IOException(String.join(" ", command) + " ended with " + exitCode + " and printed: " + output
                        + "\n" + new String(Files.readAllBytes(errors), StandardCharsets.UTF_8).strip());
            }
            return Double.parseDouble(last.substring(last.lastIndexOf(':') + 1).strip());
        } finally {
            Files.delete(errors);
        }
    }
}
