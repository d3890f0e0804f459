package org.transfer4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model that ONNX Runtime has loaded and found valid. With {@code -Dtransfer4j.test.models=folder} all of them are
 * left in a folder, for {@code src/test/python/onnx_check.py}.
 */
public final class OnnxModel implements AutoCloseable {
    private static final OrtEnvironment RUNTIME = OrtEnvironment.getEnvironment();
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final OrtSession session;

    private OnnxModel(OrtSession session) {
        this.session = session;
    }

    /**
     * Reads a file.
     *
     * @param file a model with one input and one output
     * @return the model
     * @throws OrtException if ONNX Runtime refuses it
     */
    public static OnnxModel load(Path file) throws OrtException {
        try {
            return of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads the bytes of a file.
     *
     * @param file a model with one input and one output
     * @return the model
     * @throws OrtException if ONNX Runtime refuses it
     */
    public static OnnxModel of(byte[] file) throws OrtException {
        keep(file);
        return new OnnxModel(RUNTIME.createSession(file, settings()));
    }

    private static void keep(byte[] file) {
        String folder = System.getProperty("transfer4j.test.models");
        if (folder != null) {
            try {
                Path models = Files.createDirectories(Path.of(folder));
                Files.write(models.resolve("model-" + COUNT.incrementAndGet() + ".onnx"), file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static OrtSession.SessionOptions settings() throws OrtException {
        OrtSession.SessionOptions settings = new OrtSession.SessionOptions();
        settings.setIntraOpNumThreads(1);
        return settings;
    }

    /**
     * Computes.
     *
     * @param images what the input named images takes
     * @return what comes out of its one output
     * @throws OrtException if the shape is wrong
     */
    public INDArray run(INDArray images) throws OrtException {
        FloatBuffer values = FloatBuffer.wrap(images.dup('c').data().asFloat());
        try (OnnxTensor input = OnnxTensor.createTensor(RUNTIME, values, images.shape());
                OrtSession.Result result = session.run(Map.of("images", input))) {
            assertThat(result.size()).isEqualTo(1);
            OnnxTensor output = (OnnxTensor) result.get(0);
            FloatBuffer floats = output.getFloatBuffer();
            float[] copy = new float[floats.remaining()];
            floats.get(copy);
            return Nd4j.create(copy, output.getInfo().getShape(), 'c');
        }
    }

    /**
     * What its output is called.
     *
     * @return the name of the only one
     */
    public String outputName() {
        return session.getOutputNames().iterator().next();
    }

    /**
     * What the model says of itself.
     *
     * @return keys and values
     * @throws OrtException never, for a model that is open
     */
    public Map<String, String> metadata() throws OrtException {
        return session.getMetadata().getCustomMetadata();
    }

    /**
     * Who wrote it.
     *
     * @return the producer's name
     * @throws OrtException never, for a model that is open
     */
    public String producer() throws OrtException {
        return session.getMetadata().getProducerName();
    }

    /**
     * The declared shape of the input.
     *
     * @return with -1 for the batch
     * @throws OrtException never, for a model that is open
     */
    public long[] inputShape() throws OrtException {
        assertThat(session.getInputNames()).containsExactly("images");
        return ((TensorInfo) session.getInputInfo().get("images").getInfo()).getShape();
    }

    /**
     * The declared shape of the output.
     *
     * @return with -1 for the batch
     * @throws OrtException never, for a model that is open
     */
    public long[] outputShape() throws OrtException {
        assertThat(session.getOutputNames()).containsExactly("probabilities");
        return ((TensorInfo) session.getOutputInfo().get("probabilities").getInfo()).getShape();
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
