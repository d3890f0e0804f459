package org.transfer4j.internal.network;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * How large a network is: proven layer by layer, before anything is allocated for it. A network that nobody vouches for
 * passes here first, whatever file it comes from.
 *
 * @param parameters the number of all layers' parameters
 * @param widestStep the most numbers that one layer reads and writes for one image
 */
public record NetworkSize(long parameters, long widestStep) {
    /** Far more than any published image network has; DL4J's own passes over a graph take their square. */
    private static final int MOST_VERTICES = 5_000;

    /**
     * Goes through a network.
     *
     * @param graph one input, images [N, 3, height, width], and one output
     * @throws IllegalArgumentException if a layer can't be computed: the message names the layer, the rule and the value
     */
    public static NetworkSize of(ComputationGraphConfiguration graph, int height, int width) {
        return new Walk(graph).size(height, width);
    }

    /** The least memory outside of the heap with which one image can pass: weights as read and as packed, and one step. */
    public long bytes() {
        return product(Float.BYTES, Math.addExact(Math.multiplyExact(2, parameters), widestStep));
    }

    /**
     * Refuses a network that can't be run in the memory that there is.
     *
     * @param file where it comes from, or null
     * @throws org.transfer4j.error.MemoryLimitException if it is too large
     */
    public void requireMemory(@Nullable Path file, int height, int width) {
        NativeMemory.require(
                file,
                String.format(
                        Locale.ROOT, "a network of %,d parameters for images of %dx%d", parameters, height, width),
                bytes());
    }

    /** The product, or the largest long where that is smaller. */
    static long product(long... factors) {
        try {
            return Arrays.stream(factors).reduce(1, Math::multiplyExact);
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** What a frozen layer wraps; other layers as they are. */
    public static Layer thawed(Layer layer) {
        Layer inner = layer;
        while (inner instanceof FrozenLayer || inner instanceof FrozenLayerWithBackprop) {
            inner = inner instanceof FrozenLayer frozen
                    ? frozen.getLayer()
                    : ((FrozenLayerWithBackprop) inner).getUnderlying();
        }
        return inner;
    }

    private static final class Walk {
        private final ComputationGraphConfiguration graph;
        private final Map<String, InputType> types = new HashMap<>();
        private long parameters;
        private long widest;

        Walk(ComputationGraphConfiguration graph) {
            this.graph = graph;
        }

        NetworkSize size(int height, int width) {
            Map<String, GraphVertex> vertices = graph.getVertices();
            if (vertices.size() > MOST_VERTICES) {
                throw new IllegalArgumentException(
                        "a network has " + MOST_VERTICES + " layers at most, got " + vertices.size());
            }
            List<String> inputs = graph.getNetworkInputs();
            if (inputs.size() != 1 || graph.getNetworkOutputs().size() != 1 || vertices.containsKey(inputs.get(0))) {
                throw new IllegalArgumentException(
                        "a network has one input and one output, got " + inputs + " and " + graph.getNetworkOutputs());
            }
            if (height < 1 || width < 1) {
                throw new IllegalArgumentException("images are of 1x1 or more, got " + height + "x" + width);
            }
            InputType images = InputType.convolutional(height, width, 3);
            types.put(inputs.get(0), images);
            widest = elements(images);
            Set<String> order = DependencyOrder.of(
                    vertices.keySet(), name -> graph.getVertexInputs().getOrDefault(name, List.of()));
            for (String name : order) {
                if (!inputs.contains(name)) {
                    try {
                        pass(name);
                    } catch (RuntimeException e) {
                        // DL4J's exceptions about configurations have no common class, a null pointer is one of them
                        throw new IllegalArgumentException("layer " + name + ": " + reason(e), e);
                    }
                }
            }
            return new NetworkSize(parameters, widest);
        }

        private static String reason(RuntimeException e) {
            return e instanceof IllegalArgumentException || e instanceof IllegalStateException
                    ? String.valueOf(e.getMessage())
                    : String.valueOf(e);
        }

        private void pass(String name) {
            GraphVertex vertex = Vertices.vertex(graph, name);
            while (vertex instanceof FrozenVertex frozen) {
                vertex = frozen.getUnderlying();
            }
            List<String> inputs = Vertices.inputs(graph, name);
            InputType[] in =
                    inputs.stream().map(input -> Vertices.known(types, input)).toArray(InputType[]::new);
            if (vertex instanceof LayerVertex layer) {
                if (in.length != 1) {
                    throw new IllegalArgumentException("a layer has one input, got " + inputs);
                }
                InputType seen = afterPreprocessor(layer.getPreProcessor(), in[0]);
                new LayerBounds(thawed(layer.getLayerConf().getLayer()), seen).check();
            } else if (vertex instanceof PreprocessorVertex preprocessor) {
                afterPreprocessor(preprocessor.getPreProcessor(), in[0]);
            } else if (vertex instanceof ElementWiseVertex several && several.getOp() == null) {
                throw new IllegalArgumentException("op is not there");
            } else if (vertex instanceof ScaleVertex scale) {
                finite(scale.getScaleFactor());
            } else if (vertex instanceof ShiftVertex shift) {
                finite(shift.getShiftFactor());
            }
            InputType out = vertex.getOutputType(types.size(), in);
            parameters = Math.addExact(parameters, vertex.numParams(true));
            long step = elements(out);
            for (String input : new HashSet<>(inputs)) {
                step = Math.addExact(step, elements(Vertices.known(types, input)));
            }
            widest = Math.max(widest, step);
            types.put(name, out);
        }

        private static void finite(double factor) {
            if (!Double.isFinite((float) factor)) {
                throw new IllegalArgumentException("a factor must be a finite float, got " + factor);
            }
        }

        /** DL4J believes what a preprocessor says of its input until it runs. */
        private static InputType afterPreprocessor(@Nullable InputPreProcessor preprocessor, InputType input) {
            if (preprocessor == null) {
                return input;
            }
            if (preprocessor instanceof ComposableInputPreProcessor several) {
                InputType type = input;
                for (InputPreProcessor each : several.getInputPreProcessors()) {
                    type = afterPreprocessor(each, type);
                }
                return type;
            }
            List<Long> said = List.of();
            if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten) {
                said = List.of(flatten.getNumChannels(), flatten.getInputHeight(), flatten.getInputWidth());
            } else if (preprocessor instanceof FeedForwardToCnnPreProcessor unflatten) {
                long[] shape = {unflatten.getNumChannels(), unflatten.getInputHeight(), unflatten.getInputWidth()};
                said = List.of(product(shape));
            }
            List<Long> shape = new ArrayList<>();
            for (long dimension : Vertices.shape(input)) {
                shape.add(dimension);
            }
            if (!said.isEmpty() && !said.equals(shape)) {
                throw new IllegalArgumentException("its preprocessor must take " + shape + ", but takes " + said);
            }
            return preprocessor.getOutputType(input);
        }

        /** The numbers of one image's output, which must fit a Java array. */
        private static long elements(InputType type) {
            long[] shape = Vertices.shape(type);
            long elements = product(shape);
            if (Arrays.stream(shape).anyMatch(side -> side < 1) || elements > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("what a layer gives for one image is of 1 to " + Integer.MAX_VALUE
                        + " numbers, got " + Arrays.toString(shape));
            }
            return elements;
        }
    }
}
