import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs a test many times in one JVM, beside busy processes or alone; CONTRIBUTING.md has the command.
 *
 * <p>Arguments: a class, or class#method; how many times; how many processes spin meanwhile.
 */
public final class Repeat {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("spin")) {
            spin();
            return;
        }
        int times = Integer.parseInt(args[1]);
        int busy = args.length > 2 ? Integer.parseInt(args[2]) : 0;
        for (int i = 0; i < busy; i++) {
            itself("spin");
        }
        // those that spin end with this process
        System.exit(repeat(args[0], times) == 0 ? 0 : 1);
    }

    private static long repeat(String test, int times) throws Exception {
        Files.createDirectories(Path.of("target")); // where jqwik keeps its database
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(test.contains("#") ? selectMethod(test) : selectClass(test))
                .build();
        Launcher launcher = LauncherFactory.create();
        long failed = 0;
        long succeeded = 0;
        long start = System.nanoTime();
        for (int time = 1; time <= times; time++) {
            SummaryGeneratingListener listener = new SummaryGeneratingListener();
            launcher.execute(request, listener);
            TestExecutionSummary summary = listener.getSummary();
            succeeded += summary.getTestsSucceededCount();
            failed += summary.getTotalFailureCount();
            if (summary.getTotalFailureCount() > 0) {
                System.out.println("time " + time + ":");
                summary.printFailuresTo(new PrintWriter(System.out, true));
            }
            if (time % 20 == 0 && time < times) {
                System.out.printf("%s: %d of %d times, %d failed%n", test, time, times, failed);
            }
        }
        System.out.printf(
                "%s: %d times, %d passed, %d failed, %.1f s%n",
                test, times, succeeded, failed, (System.nanoTime() - start) / 1e9);
        return failed + (succeeded == 0 ? 1 : 0);
    }

    private static void itself(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev/Repeat.java"));
        command.addAll(List.of(arguments));
        new ProcessBuilder(command).start();
    }

    /** Keeps a core busy until the process that started it has gone. */
    private static void spin() throws Exception {
        Thread core = new Thread(() -> {
            while (true) {
                Thread.onSpinWait();
            }
        });
        core.setDaemon(true);
        core.start();
        System.in.read();
    }
}
