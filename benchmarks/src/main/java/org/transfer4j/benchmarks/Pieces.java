package org.transfer4j.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine;

/** JMH on the hot pieces, with JMH's own options: {@code pieces -l} lists them, {@code pieces DecodeAndResize} runs some. */
@CommandLine.Command(name = "pieces")
final class Pieces implements Callable<Integer> {
    @CommandLine.Unmatched
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        // JMH starts its forks on the JVM's class path, which under exec:java is Maven's
        String classPath = System.getProperty("java.class.path");
        System.setProperty("java.class.path", ClassPath.ofThisProgram());
        try {
            Main.main(options.toArray(String[]::new));
        } finally {
            System.setProperty("java.class.path", classPath);
        }
        return 0;
    }
}
