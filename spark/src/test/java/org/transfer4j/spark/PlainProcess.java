package org.transfer4j.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.spark.ProcessNetworks.ProcessNetwork;

/** The library alone in a process with one thread: decoding and layers, in the batches that a task of Spark's takes. */
final class PlainProcess {
    private PlainProcess() {}

    /**
     * Prints figures.
     *
     * @param arguments a network's file, a folder of images, and either from when until when the images are counted
     *     (milliseconds since 1970; they are computed again and again from now on), or nothing: for each line of its input
     *     the seconds that they take once
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        try (ProcessNetwork network = ProcessNetwork.Kind.EXTRACTOR.open(Path.of(arguments[0]))) {
            if (arguments.length == 4) {
                System.out.println(count(network, folder, Long.parseLong(arguments[2]), Long.parseLong(arguments[3])));
                return;
            }
            BufferedReader turns = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (turns.readLine() != null) {
                long start = System.nanoTime();
                pass(network, some(folder));
                System.out.println((System.nanoTime() - start) / 1e9);
            }
        }
    }

    static List<Path> some(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static long count(ProcessNetwork network, Path folder, long from, long until) throws IOException {
        List<byte[]> images = new ArrayList<>();
        for (Path file : some(folder)) {
            images.add(Files.readAllBytes(file));
        }
        long count = 0;
        for (int first = 0; System.currentTimeMillis() < until; first = (first + PlacedImages.MOST) % images.size()) {
            List<byte[]> batch = images.subList(first, first + PlacedImages.MOST);
            compute(network, batch);
            long now = System.currentTimeMillis();
            count += now >= from && now < until ? batch.size() : 0;
        }
        return count;
    }

    private static void pass(ProcessNetwork network, List<Path> files) throws IOException {
        for (int first = 0; first < files.size(); first += PlacedImages.MOST) {
            List<byte[]> batch = new ArrayList<>();
            for (Path file : files.subList(first, Math.min(first + PlacedImages.MOST, files.size()))) {
                batch.add(Files.readAllBytes(file));
            }
            compute(network, batch);
        }
    }

    /** A batch's vectors. */
    static float[][] compute(ProcessNetwork network, List<byte[]> batch) {
        try (PlacedImages images = network.room(batch.size())) {
            for (int i = 0; i < batch.size(); i++) {
                images.put(i, ImageDecoder.decode(batch.get(i), ImageOrigin.UNNAMED), "image");
            }
            return network.compute(images);
        }
    }
}
