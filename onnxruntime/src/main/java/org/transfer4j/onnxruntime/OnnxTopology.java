package org.transfer4j.onnxruntime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onnx.ModelBytes;

/**
 * A model as a network of one node, with its bytes for weights. What it gives for images of a size is found out by running
 * it once.
 */
final class OnnxTopology implements Topology, Network.Sized, ParameterValues.Given {
    /** The name of the one layer. */
    static final String LAYER = "onnx";

    private final INDArray model;
    private final String sha256;
    private final long weights;
    private final ModelGraph.ImageInput input;
    private final @Nullable String licence;
    private final OutsideWeights.@Nullable Outline outline;
    private final Map<Shape, Shape> known = new ConcurrentHashMap<>();

    /** Keeps the bytes, which are freed with the last that knows them. */
    OnnxTopology(
            INDArray model,
            long weights,
            ModelGraph.ImageInput input,
            @Nullable String licence,
            OutsideWeights.@Nullable Outline outline) {
        this.outline = outline;
        this.model = model;
        this.sha256 = ModelBytes.sha256(model);
        this.weights = weights;
        this.input = input;
        this.licence = licence;
    }

    @Override
    public Network network(int height, int width) {
        try {
            input.require(height, width);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the ONNX model " + e.getMessage(), e);
        }
        Shape images = Shape.of(3, height, width);
        Shape features = known.computeIfAbsent(images, this::probed);
        Network.Builder network = new Network.Builder("images", images);
        network.add(
                LAYER,
                LAYER,
                "ONNX",
                new Op.Onnx(
                        model.length(),
                        sha256,
                        weights,
                        images,
                        features,
                        licence,
                        outline == null ? null : outline.outside()),
                List.of("images"));
        return network.build(LAYER);
    }

    private Shape probed(Shape images) {
        long batch = Math.max(1, input.batch());
        ComputedSizes.require(null, ModelFile.parsed(model), ComputedSizes.shape(images, batch));
        try (SharedSession.Lease lease = SharedSession.lease(sha256, model)) {
            return Probe.features(lease.session(), images, batch);
        }
    }

    @Override
    public Map<String, Map<String, INDArray>> parameters() {
        return Map.of(
                LAYER,
                outline == null ? Map.of(Op.MODEL, model) : Map.of(Op.MODEL, model, Op.OUTLINE, outline.bytes()));
    }

    @Override
    public ComputationGraphConfiguration configure(int height, int width) {
        throw new IllegalArgumentException("an ONNX model has no configuration in DL4J");
    }

    /** Runs a model on images of noise, to see what it gives. */
    static final class Probe {
        /** How far features of an image may lie from those of the same one in another batch, by their norm. */
        private static final double SAME = 1e-3;

        /** So many bytes of images are made for a probe at most. */
        private static final long LARGEST = 1L << 30;

        private Probe() {}

        /** Runs images of noise, each another. */
        static SharedSession.Output run(SharedSession session, Shape image, long batch) {
            return session.run(noise(image, batch), image.withBatch(batch));
        }

        /** All outputs but the first, of features, for one image. */
        static List<SharedSession.Output> all(SharedSession session, Shape image) {
            List<SharedSession.Output> all = session.runAll(noise(image, 1), image.withBatch(1));
            return all.subList(1, all.size());
        }

        private static FloatBuffer noise(Shape image, long batch) {
            long bytes = Math.multiplyExact(Math.multiplyExact(batch, image.elements()), Float.BYTES);
            if (bytes > LARGEST) {
                throw new IllegalArgumentException(
                        "takes " + batch + " images of " + image + " at once, more than " + LARGEST + " bytes");
            }
            FloatBuffer images = ByteBuffer.allocateDirect((int) bytes)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            for (long i = 0; i < batch; i++) {
                SplittableRandom random = new SplittableRandom(i);
                for (long j = 0; j < image.elements(); j++) {
                    images.put((float) (2 * random.nextDouble() - 1));
                }
            }
            return images.flip();
        }

        /**
         * The shape of one image's features.
         *
         * @throws IllegalArgumentException if it gives no [N, C, H, W], or numbers that are none
         */
        static Shape features(SharedSession session, Shape image, long batch) {
            SharedSession.Output output = run(session, image, batch);
            long[] shape = output.shape();
            if (shape.length != 4 || shape[0] != batch || Arrays.stream(shape).anyMatch(side -> side < 1)) {
                throw new IllegalArgumentException(
                        "gives " + Arrays.toString(shape) + " for " + batch + " images, not [N, C, H, W]");
            }
            for (float value : output.values()) {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException("gives " + value + " for an image of numbers from -1 to 1");
                }
            }
            return Shape.of(shape[1], shape[2], shape[3]);
        }

        /**
         * Whether an image gives the same beside another one. Files say of many models that their batch is free which were
         * traced with one image, and have that number in their nodes.
         */
        static boolean takesSeveral(SharedSession session, Shape image) {
            SharedSession.Output one = run(session, image, 1);
            SharedSession.Output two;
            try {
                two = run(session, image, 2);
            } catch (IllegalArgumentException e) {
                return false;
            }
            int length = one.values().length;
            if (two.values().length != 2 * length || two.shape()[0] != 2) {
                return false;
            }
            double difference = 0;
            double norm = 0;
            for (int i = 0; i < length; i++) {
                double expected = one.values()[i];
                difference += Math.pow(two.values()[i] - expected, 2);
                norm += expected * expected;
            }
            return difference <= SAME * SAME * norm;
        }
    }
}
