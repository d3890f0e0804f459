package org.transfer4j.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class writes to the log. */
public final class LogCapture implements AutoCloseable {
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log;

    /**
     * Begins.
     *
     * @param of the class
     */
    public LogCapture(Class<?> of) {
        this(of.getName());
    }

    private LogCapture(String name) {
        log = (Logger) LoggerFactory.getLogger(name);
        lines.start();
        log.addAppender(lines);
        log.setAdditive(false);
        log.setLevel(Level.INFO);
    }

    /**
     * The warnings of all classes of the library while something is done.
     *
     * @param work what is done
     * @return their texts
     */
    public static List<String> warningsOf(Runnable work) {
        try (LogCapture log = new LogCapture("org.transfer4j")) {
            work.run();
            return log.warnings();
        }
    }

    /**
     * All lines so far.
     *
     * @return their texts
     */
    public List<String> lines() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    /**
     * The warnings so far.
     *
     * @return their texts
     */
    public List<String> warnings() {
        return lines.list.stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** Forgets them. */
    public void clear() {
        lines.list.clear();
    }

    @Override
    public void close() {
        log.detachAppender(lines);
        log.setAdditive(true);
        log.setLevel(null);
    }
}
