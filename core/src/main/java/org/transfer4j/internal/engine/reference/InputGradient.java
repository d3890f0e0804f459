package org.transfer4j.internal.engine.reference;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.network.UnsupportedGraphException;

/**
 * How one number that a network gives changes with what it reads, outside of training: nothing is dropped, and batches are
 * normalized by what is remembered. In plain Java, which suits the few layers above a feature map; safe from several threads.
 */
public final class InputGradient {
    private final Network network;
    private final Map<String, Map<String, float[]>> parameters;

    private InputGradient(Network network, Map<String, Map<String, float[]>> parameters) {
        this.network = network;
        this.parameters = parameters;
    }

    /**
     * Takes a network.
     *
     * @param parameters are copied
     * @throws UnsupportedGraphException if parameters are missing, or as {@link #requireKnown} has it
     */
    public static InputGradient of(Network network, Network.Values parameters) {
        requireKnown(network);
        return new InputGradient(network, ReferenceTrunk.copies(network, parameters));
    }

    /**
     * Refuses a network with a part whose gradient nobody here knows.
     *
     * @throws UnsupportedGraphException if it has a part that only DL4J or a runtime for ONNX models computes; the message names
     *     the layer
     */
    public static void requireKnown(Network network) {
        ReferenceTrunk.requireKnown(network);
        network.nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Neighbours)
                .forEach(node -> {
                    throw UnsupportedGraphException.of(node, "which images vote changes in steps, without a gradient");
                });
    }

    /**
     * The gradient for one image or vector.
     *
     * @param input in C order
     * @param output the index of the number, in C order
     * @return as many numbers as the input has
     */
    public float[] of(float[] input, int output) {
        ReferenceKernels forward = new ReferenceKernels(network, parameters);
        forward.computeAll(input);
        float[] ofOutput =
                new float[Math.toIntExact(network.shape(network.output()).elements())];
        ofOutput[output] = 1;
        return new Backward(network, forward).compute(ofOutput);
    }

    /**
     * The gradients of {@link ReferenceKernels}: of the gradient of what a node gives, those of what it reads, one array for each of
     * its inputs. Of parameters there are none: nothing is learned here.
     */
    private static final class Backward implements Op.Visitor<Node, List<float[]>> {
        private final Network network;
        private final ReferenceKernels forward;
        private final Map<String, float[]> gradients = new HashMap<>();

        /** Of the values of all nodes and of the input, as {@link ReferenceKernels#computeAll} left them. */
        Backward(Network network, ReferenceKernels forward) {
            this.network = network;
            this.forward = forward;
        }

        /** The gradient of the network's input by that of its output. */
        float[] compute(float[] ofOutput) {
            gradients.put(network.output(), ofOutput);
            Node[] nodes = network.nodes().values().toArray(Node[]::new);
            for (int n = nodes.length - 1; n >= 0; n--) {
                // nobody reads what has no gradient by now
                if (gradients.containsKey(nodes[n].name())) {
                    List<float[]> parts = nodes[n].op().accept(this, nodes[n]);
                    for (int i = 0; i < parts.size(); i++) {
                        add(nodes[n].inputs().get(i), parts.get(i));
                    }
                    gradients.remove(nodes[n].name());
                }
            }
            float[] zeros = new float[Math.toIntExact(network.inputShape().elements())];
            return gradients.getOrDefault(network.input(), zeros);
        }

        private void add(String name, float[] part) {
            gradients.merge(name, part, (all, more) -> {
                float[] sum = all.clone();
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += more[i];
                }
                return sum;
            });
        }

        private float[] gradient(Node node) {
            return Objects.requireNonNull(gradients.get(node.name()));
        }

        /** Of one input, what becomes of each number of the gradient. */
        private List<float[]> changed(Node node, ReferenceKernels.Change change) {
            return List.of(ReferenceKernels.each(gradient(node), change));
        }

        private float[] input(Node node, int index) {
            return forward.value(node.inputs().get(index));
        }

        private Shape inputShape(Node node) {
            return forward.inputShape(node);
        }

        private float[] parameter(Node node, String name) {
            return forward.parameter(node, name);
        }

        private float[] zeros(Node node) {
            return new float[Math.toIntExact(inputShape(node).elements())];
        }

        @Override
        public List<float[]> convolution(Op.Convolution op, Node node) {
            float[] gradient = gradient(node);
            float[] weights = parameter(node, Op.WEIGHTS);
            float[] result = zeros(node);
            Extent image = inputShape(node).size();
            Extent kernel = op.window().kernel();
            int pixels = image.height() * image.width();
            int positions = ReferenceKernels.plane(node.shape());
            int inputs = op.inputs() / op.groups();
            int outputs = op.outputs() / op.groups();
            int weight = 0;
            for (int output = 0; output < op.outputs(); output++) {
                int first = output / outputs * inputs;
                for (int channel = first; channel < first + inputs; channel++) {
                    for (int row = 0; row < kernel.height(); row++) {
                        for (int column = 0; column < kernel.width(); column++) {
                            Tap tap = new Tap(op.window(), image, node.shape().size(), row, column);
                            tap.addBack(weights[weight++], gradient, output * positions, result, channel * pixels);
                        }
                    }
                }
            }
            return List.of(result);
        }

        @Override
        public List<float[]> dense(Op.Dense op, Node node) {
            float[] gradient = gradient(node);
            float[] weights = parameter(node, Op.WEIGHTS);
            float[] result = zeros(node);
            for (int output = 0; output < op.outputs(); output++) {
                for (int unit = 0; unit < op.inputs() && gradient[output] != 0; unit++) {
                    result[unit] += weights[output * op.inputs() + unit] * gradient[output];
                }
            }
            return List.of(result);
        }

        @Override
        public List<float[]> normalization(Op.Normalization op, Node node) {
            float[] gamma = parameter(node, Op.GAMMA);
            float[] variance = parameter(node, Op.VARIANCE);
            int plane = ReferenceKernels.plane(node.shape());
            return changed(
                    node,
                    (gradient, i) ->
                            gradient * (float) (gamma[i / plane] / Math.sqrt(variance[i / plane] + op.epsilon())));
        }

        /** The gradient of a maximum goes to the first of the largest pixels. */
        @Override
        public List<float[]> pooling(Op.Pooling op, Node node) {
            float[] gradient = gradient(node).clone();
            float[] result = zeros(node);
            Extent image = inputShape(node).size();
            Extent kernel = op.window().kernel();
            int pixels = image.height() * image.width();
            int positions = ReferenceKernels.plane(node.shape());
            boolean maximum = op.kind() == Op.Pooling.Kind.MAXIMUM;
            if (!maximum) {
                float[] counts = ReferenceKernels.counts(op, node, image);
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] /= counts[i % positions];
                }
            }
            for (int row = 0; row < kernel.height(); row++) {
                for (int column = 0; column < kernel.width(); column++) {
                    Tap tap = new Tap(op.window(), image, node.shape().size(), row, column);
                    for (int channel = 0; channel < node.shape().channels(); channel++) {
                        if (maximum) {
                            tap.giveBack(
                                    input(node, 0),
                                    forward.value(node.name()),
                                    gradient,
                                    channel * positions,
                                    result,
                                    channel * pixels);
                        } else {
                            tap.addBack(1, gradient, channel * positions, result, channel * pixels);
                        }
                    }
                }
            }
            return List.of(result);
        }

        @Override
        public List<float[]> globalPooling(Op.GlobalPooling op, Node node) {
            float[] input = input(node, 0);
            float[] gradient = gradient(node);
            float[] result = zeros(node);
            int plane = ReferenceKernels.plane(inputShape(node));
            for (int channel = 0; channel < gradient.length; channel++) {
                int first = channel * plane;
                if (op.maximum()) {
                    int largest = first;
                    for (int i = first; i < first + plane; i++) {
                        largest = input[i] > input[largest] ? i : largest;
                    }
                    result[largest] = gradient[channel];
                } else {
                    Arrays.fill(result, first, first + plane, gradient[channel] / plane);
                }
            }
            return List.of(result);
        }

        @Override
        public List<float[]> padding(Op.Padding op, Node node) {
            float[] gradient = gradient(node);
            float[] result = zeros(node);
            Shape image = inputShape(node);
            int width = image.width();
            for (int row = 0; row < image.channels() * image.height(); row++) {
                int y = row / image.height() * node.shape().height()
                        + row % image.height()
                        + op.before().height();
                int from = y * node.shape().width() + op.before().width();
                System.arraycopy(gradient, from, result, row * width, width);
            }
            return List.of(result);
        }

        @Override
        public List<float[]> upsampling(Op.Upsampling op, Node node) {
            float[] gradient = gradient(node);
            float[] result = zeros(node);
            int width = node.shape().width();
            for (int i = 0; i < gradient.length; i++) {
                int row = i / width / op.times().height();
                result[row * inputShape(node).width() + i % width / op.times().width()] += gradient[i];
            }
            return List.of(result);
        }

        @Override
        public List<float[]> activate(Op.Activate op, Node node) {
            if (op.activation().function() == Activation.Function.SOFTMAX) {
                float[] result = gradient(node).clone();
                float[] output = forward.value(node.name());
                int row = ReferenceKernels.row(node.shape());
                for (int first = 0; first < result.length; first += row) {
                    double mean = ReferenceKernels.product(result, output, first, first + row);
                    for (int i = first; i < first + row; i++) {
                        result[i] = (float) (output[i] * (result[i] - mean));
                    }
                }
                return List.of(result);
            }
            float[] input = input(node, 0);
            return changed(
                    node, (gradient, i) -> gradient * (float) op.activation().slope(input[i]));
        }

        @Override
        public List<float[]> slopes(Op.Slopes op, Node node) {
            float[] input = input(node, 0);
            float[] slopes = parameter(node, Op.WEIGHTS);
            IntUnaryOperator slope = ReferenceKernels.repetition(op.shape(), node.shape());
            return changed(node, (gradient, i) -> gradient * (input[i] < 0 ? slopes[slope.applyAsInt(i)] : 1));
        }

        /** Of two equal numbers each gets half of their maximum's gradient. */
        @Override
        public List<float[]> binary(Op.Binary op, Node node) {
            float[] gradient = gradient(node);
            float[] left = input(node, 0);
            float[] right = input(node, 1);
            IntUnaryOperator ofLeft = ReferenceKernels.repetition(inputShape(node), node.shape());
            IntUnaryOperator ofRight =
                    ReferenceKernels.repetition(network.shape(node.inputs().get(1)), node.shape());
            float[] first = new float[left.length];
            float[] second = new float[right.length];
            for (int i = 0; i < gradient.length; i++) {
                float x = left[ofLeft.applyAsInt(i)];
                float y = right[ofRight.applyAsInt(i)];
                float share = x == y ? 0.5f : x > y ? 1 : 0;
                first[ofLeft.applyAsInt(i)] += gradient[i]
                        * switch (op.kind()) {
                            case SUM, DIFFERENCE -> 1;
                            case PRODUCT -> y;
                            case MAXIMUM -> share;
                        };
                second[ofRight.applyAsInt(i)] += gradient[i]
                        * switch (op.kind()) {
                            case SUM -> 1;
                            case DIFFERENCE -> -1;
                            case PRODUCT -> x;
                            case MAXIMUM -> 1 - share;
                        };
            }
            return List.of(first, second);
        }

        @Override
        public List<float[]> concatenation(Op.Concatenation op, Node node) {
            float[] gradient = gradient(node);
            float[][] parts = new float[node.inputs().size()][];
            int end = 0;
            for (int i = 0; i < parts.length; i++) {
                int length = input(node, i).length;
                parts[i] = Arrays.copyOfRange(gradient, end, end + length);
                end += length;
            }
            return List.of(parts);
        }

        @Override
        public List<float[]> scale(Op.Scale op, Node node) {
            return changed(node, (gradient, i) -> gradient * (float) op.factor());
        }

        @Override
        public List<float[]> shift(Op.Shift op, Node node) {
            return List.of(gradient(node));
        }

        @Override
        public List<float[]> affine(Op.Affine op, Node node) {
            float factor = parameter(node, Op.GAMMA)[0];
            return changed(node, (gradient, i) -> gradient * factor);
        }

        @Override
        public List<float[]> slice(Op.Slice op, Node node) {
            float[] gradient = gradient(node);
            float[] result = zeros(node);
            System.arraycopy(gradient, 0, result, op.first() * ReferenceKernels.plane(node.shape()), gradient.length);
            return List.of(result);
        }

        @Override
        public List<float[]> unitNorm(Op.UnitNorm op, Node node) {
            float[] input = input(node, 0);
            double norm = Math.sqrt(ReferenceKernels.product(input, input, 0, input.length));
            // where the norm is not the divisor, that is a constant
            double along = norm > op.epsilon()
                    ? ReferenceKernels.product(gradient(node), input, 0, input.length) / (norm * norm)
                    : 0;
            return changed(
                    node, (gradient, i) -> (float) ((gradient - along * input[i]) / Math.max(norm, op.epsilon())));
        }

        @Override
        public List<float[]> reshape(Op.Reshape op, Node node) {
            return List.of(gradient(node));
        }

        @Override
        public List<float[]> dropout(Op.Dropout op, Node node) {
            return List.of(gradient(node));
        }

        @Override
        public List<float[]> neighbours(Op.Neighbours op, Node node) {
            throw new IllegalStateException("votes have no gradient: " + node.layer());
        }

        @Override
        public List<float[]> foreign(Op.Foreign op, Node node) {
            throw new IllegalStateException("only DL4J computes " + node.layer());
        }

        @Override
        public List<float[]> onnx(Op.Onnx op, Node node) {
            throw new IllegalStateException("only a runtime for ONNX models computes " + node.layer());
        }
    }
}
