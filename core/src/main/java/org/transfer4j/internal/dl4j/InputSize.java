package org.transfer4j.internal.dl4j;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.NetworkSize;

/**
 * The size of the images that a network was made for. Its configuration does not keep it, but where images are flattened
 * before a dense layer, or each pixel has a slope, their size there is kept, and where a flat input becomes images, the
 * size itself.
 */
record InputSize(int height, int width) {
    private static final InputSize DEFAULT = new InputSize(224, 224);

    /** Larger images are not looked for. */
    private static final int LARGEST = 1024;

    static InputSize of(ComputationGraphConfiguration graph, ImageVertices images, ImportedGraph part) {
        for (Map.Entry<String, GraphVertex> vertex : graph.getVertices().entrySet()) {
            List<String> inputs = images.inputs(vertex.getKey());
            InputPreProcessor preprocessor = Graphs.preprocessor(vertex.getValue());
            if (preprocessor instanceof FeedForwardToCnnPreProcessor unflatten
                    && graph.getNetworkInputs().containsAll(inputs)) {
                return new InputSize((int) unflatten.getInputHeight(), (int) unflatten.getInputWidth());
            }
            Optional<InputSize> known = read(vertex.getValue(), preprocessor);
            if (known.isPresent() && inputs.size() == 1) {
                Optional<InputSize> size = search(inputs.get(0), known.get(), part);
                if (size.isPresent()) {
                    return size.get();
                }
            }
        }
        return near(DEFAULT, part);
    }

    /** The size of the images that a vertex reads, where it says so. */
    private static Optional<InputSize> read(GraphVertex vertex, @Nullable InputPreProcessor preprocessor) {
        if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten) {
            return Optional.of(new InputSize((int) flatten.getInputHeight(), (int) flatten.getInputWidth()));
        }
        return preprocessor == null
                        && Graphs.layer(vertex) instanceof PReLULayer slopes
                        && slopes.getInputShape() != null
                        && slopes.getInputShape().length == 3
                        // DL4J has 1 where they are shared
                        && Math.min(slopes.getInputShape()[1], slopes.getInputShape()[2]) > 1
                ? Optional.of(new InputSize((int) slopes.getInputShape()[1], (int) slopes.getInputShape()[2]))
                : Optional.empty();
    }

    /** The square that fits and is nearest, the smaller of two; the wanted one where none does. */
    private static InputSize near(InputSize wanted, ImportedGraph part) {
        for (int far = 0; far <= LARGEST; far++) {
            for (int side : new int[] {wanted.height - far, wanted.height + far}) {
                if (side >= 1 && side <= LARGEST && part.leavesNothingOver(side, side)) {
                    return new InputSize(side, side);
                }
            }
        }
        return wanted;
    }

    /** The roundest that fits of those at which a vertex gives images of a size; the roundest where none fits. */
    private static Optional<InputSize> search(String vertex, InputSize wanted, ImportedGraph part) {
        List<Integer> heights = roundest(
                wanted.height,
                side -> part.outputOf(vertex, side, LARGEST)
                        .map(InputType.InputTypeConvolutional::getHeight)
                        .orElse(0L));
        List<Integer> widths = roundest(
                wanted.width,
                side -> part.outputOf(vertex, LARGEST, side)
                        .map(InputType.InputTypeConvolutional::getWidth)
                        .orElse(0L));
        List<InputSize> sizes = heights.stream()
                .flatMap(height -> widths.stream().map(width -> new InputSize(height, width)))
                .toList();
        return sizes.stream()
                .filter(size -> part.leavesNothingOver(size.height, size.width))
                .findFirst()
                .or(() -> sizes.stream().findFirst());
    }

    /**
     * The sides of an input that give one side of an output, those first that divide by two most often. A larger input
     * never has a smaller output.
     */
    private static List<Integer> roundest(long wanted, IntToLongFunction outputs) {
        int first = NetworkSize.smallest(side -> outputs.applyAsLong(side) >= wanted, LARGEST);
        int last = NetworkSize.smallest(side -> outputs.applyAsLong(side) > wanted, LARGEST) - 1;
        return IntStream.rangeClosed(first, last)
                .boxed()
                .sorted(Comparator.comparing((Integer side) -> -Integer.numberOfTrailingZeros(side)))
                .toList();
    }
}
