package org.transfer4j.training;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/** The line on which a bar is drawn: on the stream that gets the other lines as well, and empty when the bar is over. */
final class BarLine extends ConsoleProgressBarConsumer {
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
