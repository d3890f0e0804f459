package org.transfer4j.fuzz;

import java.util.List;
import java.util.Locale;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.dl4j.Dl4jNetwork;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/** Networks for seeds: each kind of layer, but few channels and weights, so that an input costs little. */
enum Networks implements Topology, Network.Sized {
    /** Layers in a row. */
    ROW {
        @Override
        public ComputationGraphConfiguration configure(int height, int width) {
            return dl4j(height, width)
                    .addLayer(
                            "conv",
                            new ConvolutionLayer.Builder(3, 3)
                                    .nOut(2)
                                    .stride(2, 2)
                                    .activation(Activation.RELU)
                                    .build(),
                            INPUT)
                    .addLayer("bn", new BatchNormalization(), "conv")
                    .addLayer("pool", new SubsamplingLayer.Builder(2, 2).build(), "bn")
                    .setOutputs("pool")
                    .build();
        }
    },
    /** Of our own ops. */
    BRANCHES {
        @Override
        public Network network(int height, int width) {
            Network.Builder network = new Network.Builder(INPUT, Shape.of(3, height, width));
            add(network, "conv", new Op.Convolution(3, 4, 1, window(2, 2, 0), true), INPUT);
            add(network, "slopes", new Op.Slopes(Shape.of(4, 1, 1)), "conv");
            add(network, "grouped", new Op.Convolution(4, 4, 2, window(3, 1, 1), false), "slopes");
            add(network, "norm", new Op.Normalization(4, 1e-3, 0.9), "grouped");
            add(
                    network,
                    "swish",
                    new Op.Activate(org.transfer4j.internal.network.Activation.of(
                            org.transfer4j.internal.network.Activation.Function.SIGMOID)),
                    "norm");
            add(network, "sum", new Op.Binary(Op.Binary.Kind.SUM), "swish", "slopes");
            add(network, "scale", new Op.Scale(0.5), "sum");
            add(network, "shift", new Op.Shift(1), "scale");
            add(network, "slice", new Op.Slice(0, 2), "shift");
            add(network, "merged", new Op.Concatenation(), "slice", "sum");
            add(network, "padded", new Op.Padding(new Extent(1, 1), new Extent(0, 0)), "merged");
            add(network, "max", new Op.Pooling(Op.Pooling.Kind.MAXIMUM, window(2, 1, 0)), "padded");
            add(network, "up", new Op.Upsampling(new Extent(2, 2)), "max");
            add(network, "mean", new Op.Pooling(Op.Pooling.Kind.MEAN_WITHOUT_PADDING, window(2, 2, 1)), "up");
            add(network, "squeezed", new Op.GlobalPooling(false), "mean");
            add(network, "excited", new Op.Binary(Op.Binary.Kind.PRODUCT), "mean", "squeezed");
            add(network, "dropped", new Op.Dropout(0.5, false), "excited");
            return network.build("dropped");
        }

        @Override
        public ComputationGraphConfiguration configure(int height, int width) {
            return Dl4jWriter.write(network(height, width), new NoOp());
        }
    },
    /** Of layers that DL4J alone knows all of, and others. */
    DL4J {
        @Override
        public ComputationGraphConfiguration configure(int height, int width) {
            return dl4j(height, width)
                    .addLayer(
                            "conv",
                            new ConvolutionLayer.Builder(1, 1)
                                    .nOut(2)
                                    .stride(2, 2)
                                    .l2(0.1)
                                    .build(),
                            INPUT)
                    .addLayer("act", new ActivationLayer(Activation.LEAKYRELU), "conv")
                    .addLayer(
                            "depthwise",
                            new DepthwiseConvolution2D.Builder(3, 3)
                                    .nOut(2)
                                    .convolutionMode(ConvolutionMode.Same)
                                    .build(),
                            "act")
                    .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "act", "depthwise")
                    .addVertex("merged", new MergeVertex(), "sum", "act")
                    .addLayer("up", new Upsampling2D.Builder(2).build(), "merged")
                    .addLayer("padded", new ZeroPaddingLayer(1, 1), "up")
                    .addLayer("lrn", new LocalResponseNormalization.Builder().build(), "padded")
                    .addLayer("dropped", new DropoutLayer(0.5), "lrn")
                    .addLayer(
                            "pool",
                            new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                                    .kernelSize(2, 2)
                                    .stride(2, 2)
                                    .build(),
                            "dropped")
                    .setOutputs("pool")
                    .build();
        }
    };

    private static final String INPUT = "input";

    @Override
    public Network network(int height, int width) {
        return Dl4jNetwork.network(configure(height, width), Shape.of(3, height, width));
    }

    Backbone backbone() {
        return Backbone.builder(name().toLowerCase(Locale.ROOT), this)
                .inputSize(8, 8)
                .minimumSize(8)
                .build();
    }

    private static ComputationGraphConfiguration.GraphBuilder dl4j(int height, int width) {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .graphBuilder()
                .addInputs(INPUT)
                .setInputTypes(InputType.convolutional(height, width, 3))
                .validateOutputLayerConfig(false);
    }

    private static void add(Network.Builder network, String name, Op op, String... inputs) {
        network.add(name, name, op.getClass().getSimpleName(), op, List.of(inputs));
    }

    private static Window window(int side, int stride, int padding) {
        return Window.explicit(
                new Extent(side, side), new Extent(stride, stride), Extent.ONE, new Extent(padding, padding));
    }

    /** Attention without heads, whose numbers of images and tokens are computed as exporters write it. */
    static byte[] transformer() {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("block");
        graph.addInput(ValueInfoProto.newBuilder()
                .setName("images")
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT.getNumber())
                                .setShape(TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("batch"))
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimValue(3))
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("height"))
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("width"))))));
        graph.addInitializer(floats("patches", 4, 3, 4, 4));
        graph.addInitializer(floats("square", 4, 4));
        graph.addInitializer(floats("ones", 4));
        graph.addInitializer(wholes("first", 0));
        graph.addInitializer(wholes("rest", 4, -1));
        graph.addNode(node("Conv", "conv", "images", "patches")
                .addAttribute(integers("kernel_shape", 4, 4))
                .addAttribute(integers("strides", 4, 4)));
        graph.addNode(node("Shape", "shape", "conv"));
        graph.addNode(node("Gather", "count", "shape", "first").addAttribute(integer("axis", 0)));
        graph.addNode(node("Concat", "sizes", "count", "rest").addAttribute(integer("axis", 0)));
        graph.addNode(node("Reshape", "flat", "conv", "sizes"));
        graph.addNode(node("Transpose", "tokens", "flat").addAttribute(integers("perm", 0, 2, 1)));
        graph.addNode(
                node("LayerNormalization", "normal", "tokens", "ones", "ones").addAttribute(integer("axis", -1)));
        graph.addNode(node("MatMul", "queries", "normal", "square"));
        graph.addNode(node("Transpose", "keys", "normal").addAttribute(integers("perm", 0, 2, 1)));
        graph.addNode(node("MatMul", "scores", "queries", "keys"));
        graph.addNode(node("Softmax", "weights", "scores").addAttribute(integer("axis", -1)));
        graph.addNode(node("MatMul", "mixed", "weights", "normal"));
        graph.addNode(node("Add", "out", "tokens", "mixed"));
        graph.addOutput(ValueInfoProto.newBuilder()
                .setName("out")
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber()))));
        return ModelProto.newBuilder()
                .setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private static AttributeProto.Builder integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value);
    }

    private static AttributeProto.Builder integers(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        for (long value : values) {
            attribute.addInts(value);
        }
        return attribute;
    }

    private static TensorProto.Builder floats(String name, long... shape) {
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
        long count = 1;
        for (long side : shape) {
            tensor.addDims(side);
            count *= side;
        }
        for (int i = 0; i < count; i++) {
            tensor.addFloatData(0.125f * (i % 3));
        }
        return tensor;
    }

    private static TensorProto.Builder wholes(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor;
    }
}
