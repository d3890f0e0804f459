package org.transfer4j.examples;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.transfer4j.TransferLearner;
import org.transfer4j.error.TransferException;
import picocli.CommandLine;

/** How the examples read their options: what can't be right is said before the work. */
final class Options {
    private Options() {}

    /** Runs an example; 0 if all went well. */
    static int run(Callable<Integer> example, String... args) {
        CommandLine command = new CommandLine(example).setCaseInsensitiveEnumValuesAllowed(true);
        String version = TransferLearner.class.getPackage().getImplementationVersion();
        command.getCommandSpec().version("Transfer4J " + Objects.requireNonNullElse(version, "from its sources"));
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            if (failure instanceof IllegalArgumentException
                    || failure instanceof TransferException
                    || failure instanceof UncheckedIOException) {
                // they say what is wrong; whose calls found it helps nobody
                line.getErr().println(line.getColorScheme().errorText(String.valueOf(failure.getMessage())));
                return line.getCommandSpec().exitCodeOnExecutionException();
            }
            throw failure;
        });
        return command.execute(args);
    }

    /** A file that will be written when the work is done: its folder is there. */
    static final class NewFile implements CommandLine.ITypeConverter<Path> {
        @Override
        public Path convert(String value) {
            Path file = Path.of(value);
            if (Files.isDirectory(file)) {
                throw new CommandLine.TypeConversionException("a file name is needed, but " + file + " is a folder");
            }
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null || !Files.isWritable(folder)) {
                throw new CommandLine.TypeConversionException("there is no folder " + folder + " to write to");
            }
            return file;
        }
    }

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
}
