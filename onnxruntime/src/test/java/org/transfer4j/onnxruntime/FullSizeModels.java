package org.transfer4j.onnxruntime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.trunk.Trunk;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** Holds the models of {@code src/test/python/full_size_models.py} against what Python made of them; its argument is their folder. */
final class FullSizeModels {
    private FullSizeModels() {}

    /**
     * Prints a line for each model, and fails if one differs.
     *
     * @param arguments the folder
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        List<Path> models;
        try (Stream<Path> files = Files.list(folder)) {
            models = files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
        int wrong = 0;
        for (Path told : models) {
            String name = told.getFileName().toString().replace(".txt", "");
            String[] words = Files.readString(told).strip().split(" ", -1);
            double torch = Double.parseDouble(words[2]);
            double allowed = Math.max(name.endsWith("float16") ? 1e-2 : 1e-5, torch);
            INDArray images = array(folder, "images_" + words[0]);
            try (Trunk trunk = Goldens.trunk(OnnxBackbone.of(folder.resolve(name + ".onnx"))
                    .inputSize(Integer.parseInt(words[0]), Integer.parseInt(words[0]))
                    .backbone(ImagePreprocessing.torch()))) {
                INDArray features = trunk.infer(images);
                double apart = Goldens.relativeL2(features, expected(array(folder, name), words[1], features));
                wrong += apart <= allowed ? 0 : 1;
                System.out.printf("%s: %.3g of %.3g%n", name, apart, allowed);
            } catch (RuntimeException e) {
                wrong++;
                System.out.println(name + ": " + e.getMessage());
            }
        }
        System.out.println(models.size() - wrong + " of " + models.size());
        if (wrong > 0) {
            throw new IllegalStateException(wrong + " models differ");
        }
    }

    private static INDArray array(Path folder, String name) {
        return Nd4j.createFromNpyFile(folder.resolve(name + ".npy").toFile());
    }

    /** Of tokens the default: class token and mean of patches, whose number follows from that of the features. */
    private static INDArray expected(INDArray given, String layout, INDArray features) {
        if (layout.equals("nhwc")) {
            return given.permute(0, 3, 1, 2).dup('c');
        }
        if (!layout.equals("tokens")) {
            return given;
        }
        long side = (long) Math.sqrt((double) given.size(1));
        long prefix = given.size(1) - side * side;
        INDArray mean = given.get(NDArrayIndex.all(), NDArrayIndex.interval(prefix, given.size(1)), NDArrayIndex.all())
                .mean(1);
        return features.size(1) == given.size(2)
                ? mean
                : Nd4j.concat(1, given.get(NDArrayIndex.all(), NDArrayIndex.point(0), NDArrayIndex.all()), mean);
    }
}
