package org.transfer4j.internal.engine.reference;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.transfer4j.internal.network.Activation;
import org.transfer4j.internal.network.Extent;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Network.Node;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;

/**
 * Computes a network for one image: each op's definition as loops over arrays of floats, [C, H, W] in C order. Nothing is fused,
 * blocked or reordered, so that what an op means can be read here.
 */
final class ReferenceKernels implements Op.Visitor<Node, float[]> {
    private final Network network;
    private final Map<String, Map<String, float[]>> parameters;
    private final Map<String, float[]> values = new HashMap<>();

    /** Of parameters by the names of nodes and those of {@link Op#parameters}, which are not written to. */
    ReferenceKernels(Network network, Map<String, Map<String, float[]>> parameters) {
        this.network = network;
        this.parameters = parameters;
    }

    /** The network's output. */
    float[] compute(float[] image) {
        Map<String, Integer> readers = readers();
        values.put(network.input(), image);
        for (Node node : network.nodes().values()) {
            values.put(node.name(), node.op().accept(this, node));
            for (String read : node.inputs()) {
                if (readers.merge(read, -1, Integer::sum) == 0) {
                    values.remove(read);
                }
            }
        }
        return value(network.output());
    }

    /** Computes the values of all nodes, and keeps them with the input's. */
    void computeAll(float[] image) {
        values.put(network.input(), image);
        network.nodes()
                .values()
                .forEach(node -> values.put(node.name(), node.op().accept(this, node)));
    }

    /** How often each value is read; the network's output once more. */
    private Map<String, Integer> readers() {
        Map<String, Integer> readers = new HashMap<>(Map.of(network.output(), 1));
        network.nodes().values().forEach(node -> node.inputs().forEach(read -> readers.merge(read, 1, Integer::sum)));
        return readers;
    }

    float[] value(String name) {
        float[] value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("value " + name + " is read before it is made or after it is dropped");
        }
        return value;
    }

    private float[] input(Node node) {
        return value(node.inputs().get(0));
    }

    Shape inputShape(Node node) {
        return network.shape(node.inputs().get(0));
    }

    float[] parameter(Node node, String name) {
        float[] values = parameters.getOrDefault(node.name(), Map.of()).get(name);
        if (values == null) {
            throw new IllegalStateException("node " + node.name() + " has no parameter " + name);
        }
        return values;
    }

    private static float[] result(Node node) {
        return new float[Math.toIntExact(node.shape().elements())];
    }

    /** What becomes of a number. */
    interface Change {
        float of(float value, int index);
    }

    /** What becomes of each number by itself. */
    static float[] each(float[] values, Change change) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = change.of(values[i], i);
        }
        return result;
    }

    /** The sum of the products of two rows' numbers [from, to), in double. */
    static double product(float[] left, float[] right, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) left[i] * right[i];
        }
        return sum;
    }

    /** How many numbers a channel has: one for a unit of a vector. */
    static int plane(Shape shape) {
        return Math.toIntExact(shape.elements() / shape.channels());
    }

    @Override
    public float[] convolution(Op.Convolution op, Node node) {
        float[] input = input(node);
        float[] weights = parameter(node, Op.WEIGHTS);
        float[] result = result(node);
        Extent image = inputShape(node).size();
        Extent kernel = op.window().kernel();
        int pixels = image.height() * image.width();
        int positions = plane(node.shape());
        int inputs = op.inputs() / op.groups();
        int outputs = op.outputs() / op.groups();
        int weight = 0;
        for (int output = 0; output < op.outputs(); output++) {
            int to = output * positions;
            if (op.biased()) {
                Arrays.fill(result, to, to + positions, parameter(node, Op.BIAS)[output]);
            }
            int first = output / outputs * inputs;
            for (int channel = first; channel < first + inputs; channel++) {
                for (int row = 0; row < kernel.height(); row++) {
                    for (int column = 0; column < kernel.width(); column++) {
                        Tap tap = new Tap(op.window(), image, node.shape().size(), row, column);
                        tap.add(weights[weight++], input, channel * pixels, result, to);
                    }
                }
            }
        }
        return result;
    }

    @Override
    public float[] dense(Op.Dense op, Node node) {
        float[] input = input(node);
        float[] weights = parameter(node, Op.WEIGHTS);
        float[] result = result(node);
        for (int output = 0; output < op.outputs(); output++) {
            float sum = op.biased() ? parameter(node, Op.BIAS)[output] : 0;
            for (int unit = 0; unit < op.inputs(); unit++) {
                sum += weights[output * op.inputs() + unit] * input[unit];
            }
            result[output] = sum;
        }
        return result;
    }

    @Override
    public float[] normalization(Op.Normalization op, Node node) {
        float[] input = input(node);
        float[] gamma = parameter(node, Op.GAMMA);
        float[] beta = parameter(node, Op.BETA);
        float[] mean = parameter(node, Op.MEAN);
        float[] variance = parameter(node, Op.VARIANCE);
        float[] result = result(node);
        int plane = plane(node.shape());
        for (int channel = 0; channel < op.channels(); channel++) {
            double factor = gamma[channel] / Math.sqrt(variance[channel] + op.epsilon());
            for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                result[i] = (float) ((input[i] - mean[channel]) * factor + beta[channel]);
            }
        }
        return result;
    }

    @Override
    public float[] pooling(Op.Pooling op, Node node) {
        float[] input = input(node);
        float[] result = result(node);
        Extent image = inputShape(node).size();
        Extent kernel = op.window().kernel();
        int pixels = image.height() * image.width();
        int positions = plane(node.shape());
        boolean maximum = op.kind() == Op.Pooling.Kind.MAXIMUM;
        if (maximum) {
            Arrays.fill(result, Float.NEGATIVE_INFINITY);
        }
        for (int row = 0; row < kernel.height(); row++) {
            for (int column = 0; column < kernel.width(); column++) {
                Tap tap = new Tap(op.window(), image, node.shape().size(), row, column);
                for (int channel = 0; channel < node.shape().channels(); channel++) {
                    if (maximum) {
                        tap.maximum(input, channel * pixels, result, channel * positions);
                    } else {
                        tap.add(1, input, channel * pixels, result, channel * positions);
                    }
                }
            }
        }
        if (!maximum) {
            float[] counts = counts(op, node, image);
            for (int i = 0; i < result.length; i++) {
                result[i] /= counts[i % positions];
            }
        }
        return result;
    }

    /** How many pixels the mean at each position is of. */
    static float[] counts(Op.Pooling op, Node node, Extent image) {
        Extent kernel = op.window().kernel();
        float[] counts = new float[plane(node.shape())];
        if (op.kind() == Op.Pooling.Kind.MEAN_WITH_PADDING) {
            Arrays.fill(counts, kernel.height() * kernel.width());
            return counts;
        }
        for (int row = 0; row < kernel.height(); row++) {
            for (int column = 0; column < kernel.width(); column++) {
                new Tap(op.window(), image, node.shape().size(), row, column).count(counts);
            }
        }
        return counts;
    }

    @Override
    public float[] globalPooling(Op.GlobalPooling op, Node node) {
        float[] input = input(node);
        float[] result = result(node);
        int plane = plane(inputShape(node));
        for (int channel = 0; channel < result.length; channel++) {
            double sum = 0;
            float largest = Float.NEGATIVE_INFINITY;
            for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                sum += input[i];
                largest = Math.max(largest, input[i]);
            }
            result[channel] = op.maximum() ? largest : (float) (sum / plane);
        }
        return result;
    }

    @Override
    public float[] padding(Op.Padding op, Node node) {
        float[] input = input(node);
        float[] result = result(node);
        Shape image = inputShape(node);
        int width = image.width();
        int wider = node.shape().width();
        for (int channel = 0; channel < image.channels(); channel++) {
            for (int y = 0; y < image.height(); y++) {
                int from = (channel * image.height() + y) * width;
                int to = (channel * node.shape().height() + y + op.before().height()) * wider
                        + op.before().width();
                System.arraycopy(input, from, result, to, width);
            }
        }
        return result;
    }

    @Override
    public float[] upsampling(Op.Upsampling op, Node node) {
        float[] input = input(node);
        float[] result = result(node);
        Shape image = inputShape(node);
        int width = node.shape().width();
        for (int i = 0; i < result.length; i++) {
            // rows of all channels lie one after the other on both sides
            int row = i / width / op.times().height();
            result[i] = input[row * image.width() + i % width / op.times().width()];
        }
        return result;
    }

    @Override
    public float[] activate(Op.Activate op, Node node) {
        Activation activation = op.activation();
        if (activation.function() == Activation.Function.SOFTMAX) {
            float[] result = input(node).clone();
            int row = row(node.shape());
            for (int first = 0; first < result.length; first += row) {
                softmax(result, first, first + row);
            }
            return result;
        }
        return each(input(node), (value, i) -> (float) activation.apply(value));
    }

    /** How many numbers make one distribution: of an image each row does. */
    static int row(Shape shape) {
        return Math.toIntExact(shape.sizes().get(shape.sizes().size() - 1));
    }

    private static void softmax(float[] values, int first, int end) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = first; i < end; i++) {
            largest = Math.max(largest, values[i]);
        }
        double sum = 0;
        for (int i = first; i < end; i++) {
            sum += StrictMath.exp(values[i] - largest);
        }
        for (int i = first; i < end; i++) {
            values[i] = (float) (StrictMath.exp(values[i] - largest) / sum);
        }
    }

    /** Where an element of the larger shape is in the smaller one, whose dimensions of 1 are repeated. */
    static IntUnaryOperator repetition(Shape smaller, Shape larger) {
        if (smaller.equals(larger)) {
            return i -> i;
        }
        long[] few = smaller.toArray();
        long[] many = larger.toArray();
        return i -> {
            long rest = i;
            long index = 0;
            long stride = 1;
            for (int dimension = many.length - 1; dimension >= 0; dimension--) {
                index += few[dimension] == 1 ? 0 : rest % many[dimension] * stride;
                rest /= many[dimension];
                stride *= few[dimension];
            }
            return (int) index;
        };
    }

    @Override
    public float[] slopes(Op.Slopes op, Node node) {
        float[] slopes = parameter(node, Op.WEIGHTS);
        IntUnaryOperator slope = repetition(op.shape(), node.shape());
        return each(input(node), (value, i) -> value * (value < 0 ? slopes[slope.applyAsInt(i)] : 1));
    }

    @Override
    public float[] binary(Op.Binary op, Node node) {
        float[] left = input(node);
        float[] right = value(node.inputs().get(1));
        IntUnaryOperator ofLeft = repetition(inputShape(node), node.shape());
        IntUnaryOperator ofRight = repetition(network.shape(node.inputs().get(1)), node.shape());
        float[] result = result(node);
        for (int i = 0; i < result.length; i++) {
            float first = left[ofLeft.applyAsInt(i)];
            float second = right[ofRight.applyAsInt(i)];
            result[i] = switch (op.kind()) {
                case SUM -> first + second;
                case DIFFERENCE -> first - second;
                case PRODUCT -> first * second;
                case MAXIMUM -> Math.max(first, second);
            };
        }
        return result;
    }

    @Override
    public float[] concatenation(Op.Concatenation op, Node node) {
        float[] result = result(node);
        int end = 0;
        for (float[] part : node.inputs().stream().map(this::value).toList()) {
            System.arraycopy(part, 0, result, end, part.length);
            end += part.length;
        }
        return result;
    }

    @Override
    public float[] scale(Op.Scale op, Node node) {
        return each(input(node), (value, i) -> value * (float) op.factor());
    }

    @Override
    public float[] shift(Op.Shift op, Node node) {
        return each(input(node), (value, i) -> value + (float) op.summand());
    }

    @Override
    public float[] affine(Op.Affine op, Node node) {
        float factor = parameter(node, Op.GAMMA)[0];
        float summand = parameter(node, Op.BETA)[0];
        return each(input(node), (value, i) -> factor * value + summand);
    }

    @Override
    public float[] slice(Op.Slice op, Node node) {
        int plane = plane(node.shape());
        return Arrays.copyOfRange(input(node), op.first() * plane, op.end() * plane);
    }

    @Override
    public float[] unitNorm(Op.UnitNorm op, Node node) {
        float[] input = input(node);
        double divisor = Math.max(Math.sqrt(product(input, input, 0, input.length)), op.epsilon());
        return each(input, (value, i) -> (float) (value / divisor));
    }

    @Override
    public float[] reshape(Op.Reshape op, Node node) {
        return input(node);
    }

    /** Drops nothing outside of training. */
    @Override
    public float[] dropout(Op.Dropout op, Node node) {
        return input(node);
    }

    /** Sums are of doubles: which images are nearest depends on the last digits. */
    @Override
    public float[] neighbours(Op.Neighbours op, Node node) {
        float[] input = input(node);
        float[] images = parameter(node, Op.WEIGHTS);
        double length = Math.max(Math.sqrt(product(input, input, 0, input.length)), Op.Neighbours.SHORTEST);
        double[] nearest = new double[op.count()];
        int[] which = new int[op.count()];
        for (int image = 0; image < op.images(); image++) {
            double product = 0;
            for (int j = 0; j < input.length; j++) {
                product += (double) images[image * input.length + j] * input[j];
            }
            int place = Math.min(image, op.count());
            while (place > 0 && nearest[place - 1] < product / length) {
                place--;
            }
            if (place < op.count()) {
                int moved = Math.min(image, op.count() - 1) - place;
                System.arraycopy(nearest, place, nearest, place + 1, moved);
                System.arraycopy(which, place, which, place + 1, moved);
                nearest[place] = product / length;
                which[place] = image;
            }
        }
        return votes(op, nearest, which, parameter(node, Op.CLASSES));
    }

    private static float[] votes(Op.Neighbours op, double[] nearest, int[] which, float[] classes) {
        double[] votes = new double[op.classes()];
        double sum = 0;
        for (int i = 0; i < nearest.length; i++) {
            double vote = Math.exp((nearest[i] - nearest[0]) / op.temperature());
            votes[(int) classes[which[i]]] += vote;
            sum += vote;
        }
        float[] result = new float[votes.length];
        for (int c = 0; c < result.length; c++) {
            result[c] = (float) (votes[c] / sum);
        }
        return result;
    }

    @Override
    public float[] foreign(Op.Foreign op, Node node) {
        throw new IllegalStateException("only DL4J computes " + node.layer());
    }

    @Override
    public float[] onnx(Op.Onnx op, Node node) {
        throw new IllegalStateException("only a runtime for ONNX models computes " + node.layer());
    }
}
