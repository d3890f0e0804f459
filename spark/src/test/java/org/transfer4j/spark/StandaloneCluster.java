package org.transfer4j.spark;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;

/**
 * Spark's own standalone cluster on the loopback interface: a master and workers, each a process, whose executors are
 * processes again. Everything lies in one folder, and ends with {@link #close}.
 */
final class StandaloneCluster implements AutoCloseable {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private final Path folder;
    private final List<Daemon> daemons = new ArrayList<>();
    private final int cores;
    private final String master;

    /**
     * Starts it, and waits until all are there.
     *
     * @param cores of each worker
     */
    StandaloneCluster(Path folder, int workers, int cores) throws IOException, InterruptedException {
        this.folder = folder;
        this.cores = workers * cores;
        layOut();
        try {
            Daemon first = new Daemon("127.0.0.1", "org.apache.spark.deploy.master.Master");
            String line = first.await("Starting Spark master at ");
            master = line.substring(line.indexOf("spark://")).strip();
            for (int i = 0; i < workers; i++) {
                // addresses of their own: a task is not copied to where it runs already
                new Daemon(
                                "127.0.0." + (2 + i),
                                "org.apache.spark.deploy.worker.Worker",
                                "--cores",
                                String.valueOf(cores),
                                "--memory",
                                "1g",
                                "--work-dir",
                                folder.resolve("work" + i).toString(),
                                master)
                        .await("Successfully registered with master");
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** A home as a release of Spark has it, with this process's jars. */
    private void layOut() throws IOException {
        Path jars = Files.createDirectories(folder.resolve("home/jars"));
        for (String entry : classPath().filter(entry -> entry.endsWith(".jar")).toList()) {
            Path jar = Path.of(entry).toAbsolutePath();
            Path link = jars.resolve(jar.getFileName());
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, jar);
            }
        }
        Files.createDirectories(folder.resolve("home/conf"));
        Files.writeString(folder.resolve("home/conf/log4j2.properties"), """
                rootLogger.level = warn
                rootLogger.appenderRef.console.ref = console
                logger.deploy.name = org.apache.spark.deploy
                logger.deploy.level = info
                appender.console.type = Console
                appender.console.name = console
                appender.console.layout.type = PatternLayout
                appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
                """);
    }

    private static Stream<String> classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator));
    }

    /** The classes that are in no jar yet. */
    private static String folders() {
        return classPath()
                .filter(entry -> Files.isDirectory(Path.of(entry)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** A process of the cluster's. */
    private final class Daemon {
        private final Process process;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        Daemon(String host, String main, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx256m"));
            command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
            command.add("-Dlog4j2.configurationFile="
                    + folder.resolve("home/conf/log4j2.properties").toUri());
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
            command.addAll(List.of("--host", host, "--port", "0", "--webui-port", "0"));
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment()
                    .putAll(Map.of(
                            "SPARK_HOME", folder.resolve("home").toString(),
                            "SPARK_LOCAL_IP", host,
                            "SPARK_LOCAL_DIRS", folder.resolve("local").toString(),
                            "SPARK_SCALA_VERSION",
                                    scala.util.Properties.versionNumberString().replaceAll("\\.\\d+$", "")));
            process = builder.start();
            daemons.add(this);
            Thread reading = new Thread(this::read, main);
            reading.setDaemon(true);
            reading.start();
        }

        private void read() {
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                output.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                lines.add("no more lines: " + e);
            }
        }

        String await(String part) throws IOException, InterruptedException {
            List<String> seen = new ArrayList<>();
            while (process.isAlive() || !lines.isEmpty()) {
                String line = lines.poll(1, TimeUnit.SECONDS);
                if (line != null && line.contains(part)) {
                    return line;
                }
                if (line != null) {
                    seen.add(line);
                }
            }
            throw new IOException("ended without \"" + part + "\": " + String.join("\n", seen));
        }
    }

    /** An application's driver in this process; its executors have 1 GB each and the class path of this process. */
    SparkSession session(Map<String, String> settings) {
        SparkSession.Builder builder = SparkSession.builder()
                .master(master)
                .appName("tests")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.executor.memory", "1g")
                // no task before all are there
                .config("spark.cores.max", cores)
                .config("spark.scheduler.minRegisteredResourcesRatio", "1")
                .config("spark.executor.extraClassPath", folders())
                .config("spark.local.dir", folder.resolve("local").toString())
                .config("spark.sql.shuffle.partitions", "4");
        settings.forEach(builder::config);
        return builder.getOrCreate();
    }

    /** Ends what a worker has started: its executors. */
    void killExecutors(int worker) {
        daemons.get(1 + worker).process.children().forEach(ProcessHandle::destroyForcibly);
    }

    /** Lets a worker, and the executors that it starts from now on, run on one core alone. Linux, with util-linux. */
    void pin(int worker, int core) throws IOException, InterruptedException {
        String pid = String.valueOf(daemons.get(1 + worker).process.pid());
        Process pinning = new ProcessBuilder("taskset", "-a", "-c", "-p", String.valueOf(core), pid)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (pinning.waitFor() != 0) {
            throw new IOException("taskset ended with " + pinning.exitValue());
        }
    }

    /** Ends a worker, whose executors then end by themselves. */
    void killWorker(int worker) {
        daemons.get(1 + worker).process.destroyForcibly();
    }

    @Override
    public void close() {
        for (Daemon daemon : daemons) {
            List<ProcessHandle> executors = daemon.process.descendants().toList();
            daemon.process.destroyForcibly().onExit().join();
            executors.forEach(executor -> {
                executor.destroyForcibly();
                executor.onExit().join();
            });
        }
    }
}
