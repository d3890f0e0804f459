package org.transfer4j.internal.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.format.WeightsFile.ArrayLayout;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.ParameterValues;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.Window;

/**
 * The layers of a network that want weights, and how they may be called in files.
 *
 * @param wanted those that want weights
 * @param all the names of all layers, be they above those that want weights
 * @param torchNames names of PyTorch's modules by the layers' names, for each program that names them otherwise; a layer
 *     that is not there is called as here
 * @param padsAtTheEnd whether it pads as TensorFlow does and PyTorch can't
 */
public record NetworkLayers(
        List<LayerShapes> wanted, Set<String> all, List<Map<String, String>> torchNames, boolean padsAtTheEnd) {

    /**
     * Describes a network.
     *
     * @param network the network, or the lower part of it that wants weights
     * @param whole the whole network, with those above that want no weights now, for images as it was made for
     * @param torchNames names of PyTorch's modules by the layers' names, for each program that names them otherwise
     * @return the description
     * @throws IllegalArgumentException if a layer has parameters that are not known here
     */
    public static NetworkLayers of(Network network, Network whole, List<Map<String, String>> torchNames) {
        Map<String, List<Network.Node>> layers = network.layers();
        Map<String, Map<String, Network.Node>> wanted = new LinkedHashMap<>();
        ParameterValues.owners(network).forEach((owner, node) -> {
            boolean one = isSeparable(Network.known(layers, node.layer()));
            wanted.computeIfAbsent(one ? node.layer() : owner, name -> new LinkedHashMap<>())
                    .put(owner, node);
        });
        List<LayerShapes> shapes = new ArrayList<>();
        wanted.forEach((name, owners) -> {
            Network.Node first = owners.values().iterator().next();
            // a part of a layer flattens nothing
            Network.Node lowest = owners.size() == 1 && name.equals(first.layer())
                    ? Network.known(layers, name).get(0)
                    : first;
            shapes.add(LayerShapes.of(name, flattened(lowest, network), owners));
        });
        return new NetworkLayers(
                shapes,
                whole.layers().keySet(),
                torchNames,
                whole.nodes().values().stream().anyMatch(NetworkLayers::padsAtTheEnd));
    }

    /** Two convolutions, one of each channel for itself and one of pixels, are one layer in all programs. */
    private static boolean isSeparable(List<Network.Node> layer) {
        List<Op> ops = layer.stream()
                .filter(node -> !node.parameters().isEmpty())
                .map(Network.Node::op)
                .toList();
        return ops.size() == 2
                && ops.get(0) instanceof Op.Convolution channels
                && channels.groups() == channels.inputs()
                && !channels.biased()
                && ops.get(1) instanceof Op.Convolution points
                && points.groups() == 1
                && points.window().equals(Window.PIXEL);
    }

    /** Of an even number of rows, "same" with a stride pads one at the end, as TensorFlow does and PyTorch can't. */
    private static boolean padsAtTheEnd(Network.Node node) {
        return node.op() instanceof Op.Convolution convolution
                && convolution.window().stride().height() > 1
                && convolution.window().after().height()
                        > convolution.window().before().height();
    }

    /** The image that a node flattens; a vector where it does not. */
    private static Shape flattened(Network.Node node, Network network) {
        Shape read = network.shape(node.inputs().get(0));
        return node.op() instanceof Op.Reshape && read.isImage() ? read : Shape.of(1);
    }

    /**
     * What a layer wants, parameter by parameter in the order of files.
     *
     * @param name the layer, or a part of it
     * @param flattened the image that is flattened before a dense layer, a vector elsewhere
     * @param parameters kernels, bias and, for batch normalization, scale, shift, mean, variance
     */
    public record LayerShapes(String name, Shape flattened, List<Parameter> parameters) {
        /**
         * A parameter.
         *
         * @param owner under which the library keeps it
         * @param name what the op calls it
         * @param op whose parameter it is
         * @param shape which the op has it in
         */
        public record Parameter(String owner, String name, Op op, Shape shape) {
            /** Whether programs lay it out each in its own way. */
            public boolean isKernel() {
                return name.equals(Op.WEIGHTS);
            }

            /** Whether it is a kernel of a convolution that works on each channel for itself. */
            public boolean isDepthwise() {
                return isKernel() && op instanceof Op.Convolution convolution && convolution.isDepthwise();
            }
        }

        /** Copies the list. */
        public LayerShapes {
            parameters = List.copyOf(parameters);
        }

        /**
         * Describes a layer.
         *
         * @param owners its nodes that have parameters, under whose names these are kept
         * @throws IllegalArgumentException if it has one that no file has
         */
        static LayerShapes of(String name, Shape flattened, Map<String, Network.Node> owners) {
            List<Parameter> kernels = new ArrayList<>();
            List<Parameter> others = new ArrayList<>();
            owners.forEach((owner, node) -> ParameterValues.shapes(node).forEach((parameter, shape) -> {
                if (!ParameterValues.known().contains(parameter)) {
                    throw new IllegalArgumentException("layer " + name + " has a parameter " + parameter
                            + ", known are " + ParameterValues.known());
                }
                (parameter.equals(Op.WEIGHTS) ? kernels : others)
                        .add(new Parameter(owner, parameter, node.op(), shape));
            }));
            kernels.addAll(others);
            return new LayerShapes(name, flattened, kernels);
        }

        /** What differs between this and a layer of a file; empty where nothing does. */
        public Optional<String> misfit(StoredLayer layer, ArrayLayout layout) {
            String names = layer.name().equals(name) ? name : name + " (" + layer.name() + " in the file)";
            if (layer.arrays().size() != parameters.size()) {
                return Optional.of(names + " has " + layer.arrays().size() + " arrays, expected " + parameters.size()
                        + " (" + parameters.stream().map(this::label).collect(Collectors.joining(", ")) + ")");
            }
            List<String> wrong = new ArrayList<>();
            each(layer, (parameter, array) -> {
                long[] shape = layout.shape(this, parameter, array);
                if (!array.hasShape(shape)) {
                    wrong.add(names + " " + label(parameter) + " is of shape " + array.shapeText() + ", expected "
                            + Arrays.toString(shape));
                }
            });
            return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
        }

        /** What messages call it. */
        private String label(Parameter parameter) {
            return isSeparable() && parameter.equals(parameters.get(1)) ? "pW" : parameter.name();
        }

        private void each(StoredLayer layer, BiConsumer<Parameter, StoredArray> action) {
            for (int i = 0; i < parameters.size(); i++) {
                action.accept(parameters.get(i), layer.arrays().get(i));
            }
        }

        /** Reads the layer's values, which must fit, as {@link ParameterValues} has them. */
        public Map<String, Map<String, INDArray>> read(StoredLayer layer, ArrayLayout layout) {
            Map<String, Map<String, INDArray>> values = new TreeMap<>();
            each(layer, (parameter, array) -> {
                float[] stored = array.read(layout.shape(this, parameter, array));
                float[] own = parameter.isKernel() ? layout.kernel(this, parameter, stored) : stored;
                values.computeIfAbsent(parameter.owner(), owner -> new TreeMap<>())
                        .put(
                                parameter.name(),
                                Nd4j.create(own, parameter.shape().toArray(), 'c'));
            });
            return values;
        }

        /** Whether it is two convolutions, of which the first works on each channel for itself. */
        public boolean isSeparable() {
            return parameters.stream().filter(Parameter::isKernel).count() == 2;
        }

        /** What PyTorch has for a module of that name: two where a convolution is separable. */
        public List<String> modules(String module) {
            return isSeparable() ? List.of(module + ".depthwise", module + ".pointwise") : List.of(module);
        }

        /** The one of {@link #modules} that has a parameter. */
        public String module(Parameter parameter) {
            List<String> modules = modules(name);
            return modules.get(parameter.equals(parameters.get(0)) ? 0 : modules.size() - 1);
        }

        /** The first kernel, [out, in, height, width] of a convolution; empty if it has none. */
        public Optional<Parameter> kernel() {
            return parameters.stream().filter(Parameter::isKernel).findFirst();
        }

        /** The shape of the image behind a flattening of more than one position, empty where no order of features is changed. */
        public Optional<Shape> flattenedImage() {
            return Optional.of(flattened).filter(Shape::isImage).filter(image -> !image.isPixel());
        }
    }
}
