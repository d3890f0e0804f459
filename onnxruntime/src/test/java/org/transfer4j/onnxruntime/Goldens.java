package org.transfer4j.onnxruntime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import onnx.Onnx.ModelProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.WeightedNetwork;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.trunk.Trunk;

/** Small models of Python's, and what ONNX Runtime makes of them there: {@code src/test/python/onnx_models_golden.py}. */
final class Goldens {
    static final int SIDE = 32;

    private Goldens() {}

    static Path path(String name) {
        URL url = Goldens.class.getResource("/golden/" + name);
        if (url == null) {
            throw new IllegalArgumentException("no golden file " + name);
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static INDArray array(String name) {
        return Nd4j.createFromNpyFile(path(name).toFile());
    }

    static INDArray images() {
        return array("images.npy");
    }

    static OnnxBackbone model(String name) {
        return OnnxBackbone.of(path(name + ".onnx")).inputSize(SIDE, SIDE);
    }

    static ModelProto proto(String name) {
        try {
            return ModelProto.parseFrom(Files.readAllBytes(path(name + ".onnx")));
        } catch (IOException e) {
            throw new UncheckedIOException("Can't read " + name, e);
        }
    }

    /** What runs a backbone; the caller closes it. */
    static Trunk trunk(Backbone backbone) {
        return trunk(backbone, backbone.inputHeight(), backbone.inputWidth());
    }

    static Trunk trunk(Backbone backbone, int height, int width) {
        ParameterValues.Given own = (ParameterValues.Given) backbone.topology();
        return TrunkCompiler.compile(
                new WeightedNetwork(SizedBackbone.of(backbone, height, width).network(), own.parameters()),
                Precision.FLOAT32);
    }

    /** How far two arrays lie apart, by the norm of the second. */
    static double relativeL2(INDArray actual, INDArray expected) {
        return actual.sub(expected.reshape(actual.shape())).norm2Number().doubleValue()
                / expected.norm2Number().doubleValue();
    }
}
