package org.transfer4j.onnxruntime;

import java.nio.file.Path;
import java.util.List;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorShapeProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.internal.trunk.Trunk;

/** ONNX Runtime as the engine for ONNX models; found by {@link java.util.ServiceLoader}. */
public final class OnnxRuntimeEngine implements OnnxEngine {
    /** The largest batch of a model's own, which single images are padded to. */
    static final int MOST_IMAGES = 256;

    @Override
    public Trunk open(Op.Onnx op, INDArray model) {
        String sha256 = ModelBytes.sha256(model);
        if (!sha256.equals(op.sha256())) {
            throw new IllegalArgumentException(
                    "the SHA-256 of the ONNX model must be " + op.sha256() + ", but is " + sha256);
        }
        ModelProto proto = ModelFile.parsed(model);
        int fixed = batch(proto);
        ComputedSizes.require(null, proto, ComputedSizes.shape(op.images(), Math.max(1, fixed)));
        int several = fixed > 0 ? fixed : ComputedSizes.batch(proto, OrtTrunk.passBatch(op.images()), op.images());
        SharedSession.Lease lease = SharedSession.lease(sha256, model);
        return new OrtTrunk(lease, op.images(), op.shape(), fixed > 0, several);
    }

    @Override
    public Attention attention(Op.Onnx op, INDArray model) {
        ModelProto proto = ModelFile.parsed(model);
        int fixed = batch(proto);
        if (fixed > 1) {
            throw new UnsupportedOperationException(
                    "takes " + fixed + " images at once alone: attention is looked at of one image");
        }
        return VisibleAttention.of(op, proto);
    }

    @Override
    public INDArray whole(Op.Onnx op, INDArray outline, List<Path> folders) {
        Op.Outside outside = op.outside();
        if (outside == null) {
            throw new IllegalArgumentException("the ONNX model is not outside of its file");
        }
        return OutsideWeights.whole(op.bytes(), op.sha256(), outside, outline, folders);
    }

    /** Looks at the model, which a saved file may have from anywhere; gives the only number of images at once, or 0. */
    private static int batch(ModelProto model) {
        ModelCheck.check(model);
        GraphProto graph = model.getGraph();
        if (graph.getInputCount() != 1
                || !graph.getInput(0).getName().equals(FeatureModel.IMAGES)
                || graph.getOutputCount() != 1
                || !graph.getOutput(0).getName().equals(FeatureModel.FEATURES)) {
            throw new IllegalArgumentException("the ONNX model has not the one input " + FeatureModel.IMAGES
                    + " and the one output " + FeatureModel.FEATURES);
        }
        TensorShapeProto shape = graph.getInput(0).getType().getTensorType().getShape();
        long batch = shape.getDimCount() == 0 ? 0 : shape.getDim(0).getDimValue();
        if (batch < 0 || batch > MOST_IMAGES) {
            throw new IllegalArgumentException(
                    "an ONNX model takes up to " + MOST_IMAGES + " images at once, got " + batch);
        }
        return (int) batch;
    }
}
