package org.transfer4j.training;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows a fit on the terminal: a bar for each feature pass and each epoch, and a line with each epoch's figures. Where
 * standard output is not a terminal there are no bars, only the lines.
 */
public final class TerminalProgress implements FitListener {
    private final PrintStream out;
    private final boolean bars;
    private final BarLine line;
    private @Nullable ProgressBar bar;
    private int epochs;

    /** Writes to standard output, with bars if that is a terminal. */
    public TerminalProgress() {
        this(System.out, isTerminal());
    }

    TerminalProgress(PrintStream out, boolean bars) {
        this.out = out;
        this.bars = bars;
        this.line = new BarLine(out);
    }

    @Override
    public void phaseStarted(int phase, int phases) {
        out.println("Phase " + phase + "/" + phases);
    }

    @Override
    public void featuresStarted(long images) {
        open("Features", images);
    }

    @Override
    public void featuresAdvanced(long images) {
        stepTo(images);
    }

    @Override
    public void featuresFinished(long images) {
        closeBar();
        out.println("Features of " + String.format(Locale.ROOT, "%,d", images) + " images computed");
    }

    @Override
    public void epochStarted(int epoch, int epochs, long images) {
        this.epochs = epochs;
        open("Epoch " + epoch + "/" + epochs, images);
    }

    @Override
    public void batchFinished(long iteration, long images, double loss) {
        stepTo(images);
    }

    @Override
    public void epochFinished(EpochRecord record) {
        closeBar();
        out.println(record.line(epochs));
    }

    @Override
    public void fitFinished(TrainingHistory history) {
        closeBar();
    }

    private void open(String task, long images) {
        closeBar();
        if (bars) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(images)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUnit(" images", 1)
                    .setConsumer(line)
                    .build();
        }
    }

    private void stepTo(long images) {
        Optional.ofNullable(bar).ifPresent(shown -> shown.stepTo(images));
    }

    private void closeBar() {
        Optional.ofNullable(bar).ifPresent(shown -> {
            shown.close();
            line.wipe();
        });
        bar = null;
    }

    /** The line on which a bar is drawn: on the stream that gets the other lines as well, and empty when the bar is over. */
    private static final class BarLine extends ConsoleProgressBarConsumer {
        private final PrintStream stream;

        BarLine(PrintStream stream) {
            super(stream);
            this.stream = stream;
        }

        /** Wipes the bar; what is printed next starts where it stood. */
        void wipe() {
            stream.print('\r' + " ".repeat(getMaxRenderedLength()) + '\r');
            stream.flush();
        }

        /** The bar leaves no empty line. It is not called for a bar that was over before it was first drawn. */
        @Override
        public void close() {
            stream.flush();
        }
    }

    /** Whether standard input and output are a terminal. From JDK 22 on there may be a console without one. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true; // before JDK 22 a console is a terminal
        }
    }
}
