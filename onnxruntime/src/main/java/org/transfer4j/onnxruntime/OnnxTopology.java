package org.transfer4j.onnxruntime;

import java.util.List;
import java.util.Map;
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
}
