package org.transfer4j.training;

import java.io.Console;

/** Tells whether a person watches. */
final class Terminal {
    private Terminal() {}

    /** Whether standard input and output are a terminal. From JDK 22 on there may be a console without one. */
    @SuppressWarnings("SystemConsoleNull")
    static boolean isThere() {
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
