package org.transfer4j.onnxruntime;

import java.io.IOException;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorShapeProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.protobuf.UnsafeByteOperations;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.internal.trunk.Trunk;

/** ONNX Runtime as the engine for ONNX models; found by {@link java.util.ServiceLoader}. */
public final class OnnxRuntimeEngine implements OnnxEngine {
    /** A batch of a model's own, which single images are padded to. */
    private static final int MOST_IMAGES = 256;

    @Override
    public Trunk open(Op.Onnx op, INDArray model) {
        String sha256 = ModelBytes.sha256(model);
        if (!sha256.equals(op.sha256())) {
            throw new IllegalArgumentException(
                    "the SHA-256 of the ONNX model must be " + op.sha256() + ", but is " + sha256);
        }
        int batch = batch(model);
        SharedSession.Lease lease = SharedSession.lease(sha256, () -> ModelBytes.memory(model));
        return new OrtTrunk(lease, op.images(), op.shape(), batch);
    }

    /** Looks at the model, which a saved file may have from anywhere; gives the only number of images at once, or 0. */
    private static int batch(INDArray model) {
        try {
            ModelProto proto = ModelFile.parse(UnsafeByteOperations.unsafeWrap(ModelBytes.memory(model)));
            ModelCheck.check(proto);
            GraphProto graph = proto.getGraph();
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
        } catch (IOException | StackOverflowError e) {
            throw new IllegalArgumentException("the ONNX model is damaged: " + e.getMessage(), e);
        }
    }
}
