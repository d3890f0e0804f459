package org.transfer4j.benchmarks;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.inspection.InspectedImage;
import org.transfer4j.inspection.RepeatedImage;
import picocli.CommandLine;

/**
 * How many photographs an inspection finds again that were encoded, resized or cropped anew, and how many it takes for each other that
 * are not the same: all that are there once, and of some a variant, each of one kind.
 */
@CommandLine.Command(name = "near-duplicates", mixinStandardHelpOptions = true, showDefaultValues = true)
final class NearDuplicates implements Callable<Integer> {
    @CommandLine.Option(names = "--images", required = true, description = "a folder of JPEG files")
    private Path images = Path.of("images");

    @CommandLine.Option(names = "--count", defaultValue = "3000", description = "photographs, the first by name")
    private int count;

    @CommandLine.Option(names = "--variants", defaultValue = "30", description = "of each kind")
    private int variants;

    /** What is done to a photograph: a part of its sides is cut off, it is resized, and encoded with a quality. */
    private record Kind(double crop, double scale, double quality) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "crop %.2f, scale %.2f, quality %.2f", crop, scale, quality);
        }
    }

    private static final List<Kind> KINDS = Stream.concat(
                    Stream.of(0.3, 0.5, 0.75, 0.95).map(quality -> new Kind(0, 1, quality)),
                    Stream.of(
                            new Kind(0, 0.9, 0.9),
                            new Kind(0, 0.7, 0.9),
                            new Kind(0, 0.5, 0.9),
                            new Kind(0.03, 1, 0.9),
                            new Kind(0.06, 1, 0.9),
                            new Kind(0.12, 1, 0.9)))
            .toList();

    @Override
    public Integer call() throws IOException {
        List<EncodedImage> all = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> listed = Files.list(images)) {
            files = listed.sorted().limit(count).toList();
        }
        if (files.size() < KINDS.size() * variants) {
            throw new IllegalArgumentException(
                    KINDS.size() * variants + " photographs or more are needed, got " + files.size());
        }
        for (int i = 0; i < files.size(); i++) {
            all.add(EncodedImage.of("photo " + i, i % 2 == 0 ? "even" : "odd", Files.readAllBytes(files.get(i))));
        }
        for (int kind = 0; kind < KINDS.size(); kind++) {
            for (int v = 0; v < variants; v++) {
                int original = v * KINDS.size() + kind;
                BufferedImage photo = ImageIO.read(files.get(original).toFile());
                all.add(EncodedImage.of(
                        "variant " + original,
                        original % 2 == 0 ? "even" : "odd",
                        jpeg(changed(photo, KINDS.get(kind)), KINDS.get(kind).quality())));
            }
        }
        ImageDataset data = ImageDataset.encoded(all);
        report(DatasetInspection.of(TransferLearner.tinyResNet(), data).findings(RepeatedImage.class), files.size());
        distances(data, files.size());
        return 0;
    }

    private static BufferedImage changed(BufferedImage photo, Kind kind) {
        int left = (int) Math.round(photo.getWidth() * kind.crop());
        int top = (int) Math.round(photo.getHeight() * kind.crop());
        int width = (int) Math.round((photo.getWidth() - 2 * left) * kind.scale());
        int height = (int) Math.round((photo.getHeight() - 2 * top) * kind.scale());
        BufferedImage changed = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = changed.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(
                photo, 0, 0, width, height, left, top, photo.getWidth() - left, photo.getHeight() - top, null);
        graphics.dispose();
        return changed;
    }

    private static byte[] jpeg(BufferedImage image, double quality) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality((float) quality);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static int original(InspectedImage image) {
        return Integer.parseInt(image.image().substring(image.image().indexOf(' ') + 1));
    }

    private void report(List<RepeatedImage> repeated, int photos) {
        Map<Kind, Integer> found = new LinkedHashMap<>();
        KINDS.forEach(kind -> found.put(kind, 0));
        int wrong = 0;
        for (RepeatedImage group : repeated) {
            List<Integer> originals =
                    group.images().stream().map(NearDuplicates::original).toList();
            wrong += (int) originals.stream().distinct().count() - 1;
            for (InspectedImage image : group.images()) {
                if (image.index() >= photos
                        && originals.indexOf(original(image)) != originals.lastIndexOf(original(image))) {
                    found.merge(KINDS.get((image.index() - photos) / variants), 1, Integer::sum);
                }
            }
        }
        found.forEach((kind, times) ->
                System.out.println(String.format(Locale.ROOT, "%s: %d of %d found", kind, times, variants)));
        System.out.println("photographs taken for another one: " + wrong + " of " + photos);
    }

    /** How far variants are from their photographs, in medians of the distances of photographs from their nearest others. */
    private void distances(ImageDataset data, int photos) {
        try (INDArray vectors = TransferLearner.tinyResNet().embeddings(data);
                INDArray deviations = vectors.std(0);
                INDArray standardized = vectors.divRowVector(deviations.addi(1e-12))) {
            float[][] rows = standardized.toFloatMatrix();
            double[] nearest = IntStream.range(0, photos)
                    .parallel()
                    .mapToDouble(i -> IntStream.range(0, photos)
                            .filter(other -> other != i)
                            .mapToDouble(other -> distance(rows[i], rows[other]))
                            .min()
                            .orElseThrow())
                    .sorted()
                    .toArray();
            double median = nearest[photos / 2];
            System.out.println("nearest other photographs: " + quantiles(nearest, median));
            for (int kind = 0; kind < KINDS.size(); kind++) {
                int first = kind;
                double[] own = IntStream.range(0, variants)
                        .mapToDouble(v -> distance(rows[photos + first * variants + v], rows[v * KINDS.size() + first]))
                        .sorted()
                        .toArray();
                System.out.println(KINDS.get(kind) + ": " + quantiles(own, median));
            }
        }
    }

    private static double distance(float[] some, float[] others) {
        double sum = 0;
        for (int j = 0; j < some.length; j++) {
            sum += ((double) some[j] - others[j]) * (some[j] - others[j]);
        }
        return Math.sqrt(sum);
    }

    private static String quantiles(double[] sorted, double median) {
        return Arrays.stream(new double[] {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1})
                .mapToObj(part -> String.format(
                        Locale.ROOT,
                        "%.0f%% %.3f",
                        100 * part,
                        sorted[(int) Math.round(part * (sorted.length - 1))] / median))
                .toList()
                .toString();
    }
}
