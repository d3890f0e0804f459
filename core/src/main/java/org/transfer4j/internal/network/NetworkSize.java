package org.transfer4j.internal.network;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.memory.NativeMemory;

/**
 * How large a network is: proven node by node, before anything is allocated for it. A network that nobody vouches for
 * passes here first, whatever file it comes from.
 *
 * @param parameters the number of all layers' parameters
 * @param widestStep the most numbers that one node reads and writes for one image
 */
public record NetworkSize(long parameters, long widestStep) {
    /** Far more than any published image network has. */
    public static final int MOST_LAYERS = 5_000;

    /** Windows and steps up to this may be larger than the image: small images come to the end of deep networks. */
    public static final int FREE_SIDE = 31;

    /**
     * Goes through a network.
     *
     * @throws IllegalArgumentException if a layer can't be computed: the message names the layer, the rule and the value
     */
    public static NetworkSize of(Network network) {
        long widest = elements(network.inputShape());
        for (Network.Node node : network.nodes().values()) {
            try {
                Shape first = network.shape(node.inputs().get(0));
                if (node.op() instanceof Op.Convolution convolution) {
                    check(convolution.window(), first.size());
                } else if (node.op() instanceof Op.Pooling pooling) {
                    check(pooling.window(), first.size());
                }
                long step = elements(node.shape());
                for (String input : new HashSet<>(node.inputs())) {
                    step = Math.addExact(step, elements(network.shape(input)));
                }
                widest = Math.max(widest, step);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("layer " + node.layer() + ": " + e.getMessage(), e);
            }
        }
        return new NetworkSize(network.parameterCount(), widest);
    }

    private static void check(Window window, Extent image) {
        check(
                window,
                image.height(),
                window.kernel().height(),
                window.dilation().height(),
                window.stride().height(),
                Math.max(window.before().height(), window.after().height()));
        check(
                window,
                image.width(),
                window.kernel().width(),
                window.dilation().width(),
                window.stride().width(),
                Math.max(window.before().width(), window.after().width()));
    }

    private static void check(Window window, int side, int kernel, int dilation, int stride, int padding) {
        long reach = Window.reach(kernel, dilation);
        long free = Math.max(side, FREE_SIDE);
        if (reach > free || stride > free) {
            throw new IllegalArgumentException("a window of more than " + FREE_SIDE
                    + " pixels, and a step, must not be larger than the image, of " + side + " pixels, got " + window);
        }
        if (padding >= reach) {
            throw new IllegalArgumentException("padding must be smaller than the window, got " + window);
        }
    }

    /** The numbers of one image's output, which must fit a Java array. */
    private static long elements(Shape shape) {
        long elements = product(shape.toArray());
        if (shape.sizes().isEmpty() || elements > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "what a layer gives for one image is of 1 to " + Integer.MAX_VALUE + " numbers, got " + shape);
        }
        return elements;
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

    /**
     * How many numbers of one image a step of training holds at least: what convolutions and dense layers read, since the
     * gradients of their weights are made of it.
     */
    public static long keptValues(Network network) {
        return network.nodes().values().stream()
                .filter(node -> node.op() instanceof Op.Convolution || node.op() instanceof Op.Dense)
                .flatMap(node -> node.inputs().stream())
                .distinct()
                .mapToLong(input -> network.shape(input).elements())
                .reduce(0, Math::addExact);
    }

    /**
     * Refuses a layer of more weights than an int counts: some code, also of DL4J, counts them with one.
     *
     * @param factors their number is the product
     */
    public static void requireWeights(long... factors) {
        if (product(factors) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a layer has " + Integer.MAX_VALUE + " weights at most, got "
                    + LongStream.of(factors).mapToObj(Long::toString).collect(Collectors.joining(" x ")));
        }
    }

    /** The product, or the largest long where that is smaller. */
    public static long product(long... factors) {
        try {
            long product = 1;
            for (long factor : factors) {
                product = Math.multiplyExact(product, factor);
            }
            return product;
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** The smallest number from 1 on that holds, by halving; most if no smaller one does. */
    public static int smallest(IntPredicate holds, int most) {
        int yes = most;
        int no = 0;
        while (yes - no > 1) {
            int middle = (yes + no) >>> 1;
            if (holds.test(middle)) {
                yes = middle;
            } else {
                no = middle;
            }
        }
        return yes;
    }
}
