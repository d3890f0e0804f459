package org.transfer4j.internal.dl4j;

import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.network.NetworkSize;

/**
 * The size of the images that a network was made for. Its configuration does not keep it, but where images are flattened
 * before a dense layer their size there is kept, and where a flat input becomes images, the size itself.
 */
record InputSize(int height, int width) {
    private static final InputSize DEFAULT = new InputSize(224, 224);

    /** Larger images are not looked for. */
    private static final int LARGEST = 1024;

    /** What a vertex makes of an input of a size, empty where the input is too small. */
    interface Shapes {
        Optional<InputType.InputTypeConvolutional> outputOf(String vertex, int height, int width);
    }

    static InputSize of(ComputationGraphConfiguration graph, ImageVertices images, Shapes shapes) {
        for (String name : graph.getVertices().keySet()) {
            List<String> inputs = images.inputs(name);
            GraphVertex vertex = graph.getVertices().get(name);
            InputPreProcessor preprocessor = vertex == null ? null : preprocessor(vertex);
            if (preprocessor instanceof FeedForwardToCnnPreProcessor unflatten
                    && graph.getNetworkInputs().containsAll(inputs)) {
                return new InputSize((int) unflatten.getInputHeight(), (int) unflatten.getInputWidth());
            }
            if (preprocessor instanceof CnnToFeedForwardPreProcessor flatten && inputs.size() == 1) {
                Optional<InputSize> size = search(inputs.get(0), flatten, shapes);
                if (size.isPresent()) {
                    return size.get();
                }
            }
        }
        return DEFAULT;
    }

    private static @Nullable InputPreProcessor preprocessor(GraphVertex vertex) {
        return vertex instanceof PreprocessorVertex alone
                ? alone.getPreProcessor()
                : vertex instanceof LayerVertex layer ? layer.getPreProcessor() : null;
    }

    private static Optional<InputSize> search(String vertex, CnnToFeedForwardPreProcessor flatten, Shapes shapes) {
        int height = roundest(
                flatten.getInputHeight(),
                side -> shapes.outputOf(vertex, side, LARGEST)
                        .map(InputType.InputTypeConvolutional::getHeight)
                        .orElse(0L));
        int width = roundest(
                flatten.getInputWidth(),
                side -> shapes.outputOf(vertex, LARGEST, side)
                        .map(InputType.InputTypeConvolutional::getWidth)
                        .orElse(0L));
        return height == 0 || width == 0 ? Optional.empty() : Optional.of(new InputSize(height, width));
    }

    /**
     * Of the sides of an input that give one side of an output, the one that divides by two most often; 0 if there is
     * none. A larger input never has a smaller output.
     */
    private static int roundest(long wanted, IntToLongFunction outputs) {
        int first = NetworkSize.smallest(side -> outputs.applyAsLong(side) >= wanted, LARGEST);
        int last = NetworkSize.smallest(side -> outputs.applyAsLong(side) > wanted, LARGEST) - 1;
        int best = 0;
        for (int side = first; side <= last; side++) {
            if (best == 0 || Integer.numberOfTrailingZeros(side) > Integer.numberOfTrailingZeros(best)) {
                best = side;
            }
        }
        return best;
    }
}
