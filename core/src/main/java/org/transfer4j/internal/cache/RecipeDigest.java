package org.transfer4j.internal.cache;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.internal.model.TensorBytes;
import org.transfer4j.internal.network.Graphs;

/**
 * SHA-256 of a recipe. Each part goes in with its name and its length, so that no two recipes give the same bytes. How
 * the head is trained plays no part: it changes nothing below the cut.
 */
final class RecipeDigest {
    private static final String FORMAT = "transfer4j features 1";

    private final DigestOutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), Sha256.create());

    private RecipeDigest() {}

    static byte[] of(FeatureRecipe recipe) {
        RecipeDigest digest = new RecipeDigest();
        try {
            digest.add("format", FORMAT);
            digest.add("library", recipe.libraryVersion());
            digest.add("engine", recipe.trunk().engine());
            digest.add("input", recipe.height() + "x" + recipe.width());
            digest.add("preprocessing", recipe.preprocessing().toJson());
            digest.add("features", Arrays.toString(recipe.trunk().featureShape()));
            digest.add("topology", topology(recipe.frozen()));
            digest.addWeights(recipe.frozen());
        } catch (IOException e) {
            throw new UncheckedIOException("a digest is written to no file", e);
        }
        return digest.out.getMessageDigest().digest();
    }

    private static String topology(ComputationGraph frozen) {
        ComputationGraphConfiguration copy = frozen.getConfiguration().clone();
        copy.setIterationCount(0);
        copy.setEpochCount(0);
        forgetTraining(copy.getDefaultConfiguration());
        for (GraphVertex vertex : copy.getVertices().values()) {
            if (vertex instanceof LayerVertex layer) {
                forgetTraining(layer.getLayerConf());
            }
        }
        // the learner's updater stands in every layer, also in those that it never reaches
        Graphs.setUpdater(copy, new NoOp());
        return copy.toJson();
    }

    /** Seeds are the clock's where none was set. */
    private static void forgetTraining(NeuralNetConfiguration configuration) {
        configuration.setSeed(0);
        configuration.setIterationCount(0);
        configuration.setEpochCount(0);
    }

    private void addWeights(ComputationGraph frozen) throws IOException {
        TensorBytes bytes = new TensorBytes();
        for (Map.Entry<String, Map<String, INDArray>> layer : new TreeMap<>(Graphs.parameters(frozen)).entrySet()) {
            for (Map.Entry<String, INDArray> parameter : new TreeMap<>(layer.getValue()).entrySet()) {
                add("layer", layer.getKey());
                add("parameter", parameter.getKey());
                add("shape", Arrays.toString(parameter.getValue().shape()));
                bytes.write(parameter.getValue(), out);
            }
        }
    }

    private void add(String name, String value) throws IOException {
        addText(name);
        addText(value);
    }

    private void addText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        out.write(bytes);
    }
}
