package org.transfer4j.benchmarks;

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
            Pieces.class,
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
}
