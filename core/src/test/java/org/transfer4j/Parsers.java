package org.transfer4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.TrainingHistory;

/**
 * All readers of files that a stranger may have made, as functions of bytes: for properties and for fuzzing. What they
 * throw of what is documented is the caller's business; what they read is freed.
 */
public final class Parsers {
    private Parsers() {}

    /** A classifier's file. */
    public static void modelFile(byte[] bytes) {
        inFile(bytes, file -> ImageClassifier.load(file).close());
    }

    /** The file of several classifiers. */
    public static void ensembleFile(byte[] bytes) {
        inFile(bytes, file -> ClassifierEnsemble.load(file).close());
    }

    /** What a training goes on from. */
    public static void checkpoint(byte[] bytes) {
        inFile(bytes, file -> CheckpointArchive.read(file).arrays().values().forEach(INDArray::close));
    }

    /** DL4J's zip, as a backbone. */
    public static void dl4jGraph(byte[] bytes) {
        inFile(bytes, file -> TransferLearner.of(Backbone.dl4j(file)));
    }

    /** A model of Keras, {@code .h5} or {@code .keras}, as a backbone. */
    public static void kerasModel(byte[] bytes) {
        inFile(bytes, file -> parameters(TransferLearner.of(Backbone.keras(file))));
    }

    /** Weights in any format: {@code .h5}, {@code .weights.h5}, {@code .keras}, safetensors, DL4J's zip. */
    public static void weights(byte[] bytes) {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain());
        inFile(bytes, file -> parameters(learner.weights(Weights.file(file))));
    }

    private static void parameters(TransferLearner learner) {
        BackboneParameters.of(learner.settings().network(), learner.settings().data());
    }

    /** A history's JSON. */
    public static void history(byte[] bytes) {
        TrainingHistory.fromJson(text(bytes));
    }

    /** An encoder's JSON. */
    public static void encoder(byte[] bytes) {
        OneHotLabelEncoder.fromJson(text(bytes));
    }

    /** A preprocessing's JSON. */
    public static void preprocessing(byte[] bytes) {
        ImagePreprocessing.fromJson(text(bytes));
    }

    /** All of them by name. */
    static Map<String, Consumer<byte[]>> all() {
        return Map.of(
                "modelFile",
                Parsers::modelFile,
                "ensembleFile",
                Parsers::ensembleFile,
                "checkpoint",
                Parsers::checkpoint,
                "dl4jGraph",
                Parsers::dl4jGraph,
                "kerasModel",
                Parsers::kerasModel,
                "weights",
                Parsers::weights,
                "history",
                Parsers::history,
                "encoder",
                Parsers::encoder,
                "preprocessing",
                Parsers::preprocessing);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void inFile(byte[] bytes, Consumer<Path> parser) {
        try {
            Path file = Files.createTempFile("parsed", ".bin");
            try {
                parser.accept(Files.write(file, bytes));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the test can't write", e);
        }
    }
}
