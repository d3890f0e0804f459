package org.transfer4j.benchmarks;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine;

/**
 * The one entry for scripts: {@code features}, {@code train}, {@code scratch}, {@code latency}, {@code callers}, {@code head}, {@code probe}, {@code probe-accuracy},
 * {@code choose}, {@code labels}, {@code notebook}, {@code similarity}, {@code near-duplicates}, {@code simulate}, {@code pieces} and {@code compare}, each with {@code --help}.
 */
@CommandLine.Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        subcommands = {
            Features.class,
            Train.class,
            Scratch.class,
            Latency.class,
            Callers.class,
            HeadTraining.class,
            ProbeLearning.class,
            ProbeAccuracy.class,
            ChosenLearner.class,
            LabelCurves.class,
            Notebook.class,
            SimilaritySearch.class,
            NearDuplicates.class,
            Simulate.class,
            Benchmarks.Pieces.class,
            Compare.class
        })
public final class Benchmarks {
    private Benchmarks() {}

    /** A number of at least 1. */
    static final class Count implements CommandLine.ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            int count = Integer.parseInt(value);
            if (count < 1) {
                throw new CommandLine.TypeConversionException("at least 1 is needed, got " + count);
            }
            return count;
        }
    }

    /**
     * Measures.
     *
     * @param args the name of what to measure, and its options
     */
    public static void main(String[] args) {
        int exitCode = run(args);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    static int run(String... args) {
        return new CommandLine(new Benchmarks())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Case.class, Case::parse)
                .execute(args);
    }

    /** What another JVM needs to run the same program. */
    static final class ClassPath {
        private ClassPath() {}

        static String ofThisProgram() {
            if (Benchmarks.class.getClassLoader() instanceof URLClassLoader loader) {
                List<String> paths = new ArrayList<>();
                for (URL url : loader.getURLs()) {
                    try {
                        paths.add(Path.of(url.toURI()).toString());
                    } catch (URISyntaxException e) {
                        throw new IllegalStateException("not a path: " + url, e);
                    }
                }
                return String.join(File.pathSeparator, paths);
            }
            return System.getProperty("java.class.path");
        }
    }

    /** JMH on the hot pieces, with JMH's own options: {@code pieces -l} lists them, {@code pieces DecodeAndResize} runs some. */
    @CommandLine.Command(name = "pieces")
    static final class Pieces implements Callable<Integer> {
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
}
