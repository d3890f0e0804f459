package org.transfer4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;

/** Images as a backbone's features, with their classes. */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record EmbeddedImages(float[][] features, int[] classes) {
    /** Those of some images, drawn always alike. */
    static EmbeddedImages of(TransferLearner learner, ImageDataset data, int most) {
        ImageDataset some = data.shuffle(42).limit(Math.min(most, data.size()));
        try (INDArray features = learner.embeddings(some)) {
            return new EmbeddedImages(
                    features.toFloatMatrix(),
                    IntStream.range(0, some.size()).map(some::classIndex).toArray());
        }
    }

    int size() {
        return classes.length;
    }

    EmbeddedImages select(int... images) {
        return new EmbeddedImages(
                IntStream.of(images).mapToObj(i -> features[i]).toArray(float[][]::new),
                IntStream.of(images).map(i -> classes[i]).toArray());
    }

    FeatureMatrix matrix() {
        try (INDArray all = Nd4j.createFromArray(features)) {
            return FeatureMatrix.of(List.of(all));
        }
    }

    static double[] scores(LinearLayer layer, float[] row) {
        double[] scores = layer.bias().clone();
        for (int c = 0; c < scores.length; c++) {
            for (int j = 0; j < row.length; j++) {
                scores[c] += layer.weights()[c][j] * row[j];
            }
        }
        return scores;
    }

    /** The part that a layer classifies right. */
    double accuracy(LinearLayer layer) {
        int right = 0;
        for (int i = 0; i < classes.length; i++) {
            double[] scores = scores(layer, features[i]);
            int best = 0;
            for (int c = 1; c < scores.length; c++) {
                best = scores[c] > scores[best] ? c : best;
            }
            right += best == classes[i] ? 1 : 0;
        }
        return (double) right / classes.length;
    }

    /** Leaves {@code <stem>_features.npy} and {@code <stem>_labels.npy}. */
    void write(Path folder, String stem) {
        try (INDArray rows = Nd4j.createFromArray(features);
                INDArray labels = Nd4j.createFromArray(classes)) {
            Files.createDirectories(folder);
            Nd4j.writeAsNumpy(rows, folder.resolve(stem + "_features.npy").toFile());
            Nd4j.writeAsNumpy(labels, folder.resolve(stem + "_labels.npy").toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("can't write the features to " + folder + ": " + e.getMessage(), e);
        }
    }
}
