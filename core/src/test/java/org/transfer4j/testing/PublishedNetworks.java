package org.transfer4j.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Names and shapes of the weights of published networks, from {@code known_networks_golden.py}. */
public final class PublishedNetworks {
    private static final List<String> PARTS = List.of("weight", "bias", "running_mean", "running_var");

    private PublishedNetworks() {}

    /** By "name | program", the shapes of each layer's arrays. */
    public static Map<String, Map<String, List<long[]>>> in(String file) {
        Map<String, Map<String, List<long[]>>> networks = new LinkedHashMap<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(GoldenFiles.path("known_networks/" + file + ".txt.gz"))),
                StandardCharsets.UTF_8))) {
            Map<String, List<long[]>> layers = Map.of();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("# ")) {
                    // of two of one name the second is another width
                    String name = line.substring(2);
                    layers = new LinkedHashMap<>();
                    networks.put(networks.containsKey(name) ? name + " again" : name, layers);
                } else {
                    List<String> words = List.of(line.split(" ", -1));
                    layers.put(
                            words.get(0),
                            words.subList(1, words.size()).stream()
                                    .map(PublishedNetworks::shape)
                                    .toList());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't read the golden file " + file, e);
        }
        return networks;
    }

    private static long[] shape(String text) {
        return Arrays.stream(text.split("x", -1)).mapToLong(Long::parseLong).toArray();
    }

    /** A safetensors file of real names and shapes, whose numbers were never written: it takes no room on most disks. */
    public static Path writeSafetensors(Path file, Map<String, List<long[]>> layers) throws IOException {
        StringBuilder json = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long[] start = {0};
        layers.forEach((layer, shapes) -> {
            for (int i = 0; i < shapes.size(); i++) {
                long end = start[0] + Float.BYTES * Arrays.stream(shapes.get(i)).reduce(1, Math::multiplyExact);
                json.append(",\"")
                        .append(layer)
                        .append('.')
                        .append(i < PARTS.size() ? PARTS.get(i) : "more" + i)
                        .append("\":{\"dtype\":\"F32\",\"shape\":")
                        .append(Arrays.toString(shapes.get(i)))
                        .append(",\"data_offsets\":[")
                        .append(start[0])
                        .append(',')
                        .append(end)
                        .append("]}");
                start[0] = end;
            }
        });
        byte[] head = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(head.length)
                    .array());
            content.write(head);
            content.setLength(Long.BYTES + head.length + start[0]);
        }
        return file;
    }

    /** A file of Keras, as its own downloads are, whose arrays were never written. */
    public static Path writeKeras(Path file, String network) throws IOException {
        try (GZIPInputStream content =
                new GZIPInputStream(Files.newInputStream(GoldenFiles.path("known_networks/" + network + ".h5.gz")))) {
            return Files.write(file, content.readAllBytes());
        }
    }
}
