package org.transfer4j.internal.onednn;

import java.util.Map;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A layer where it stands in the graph.
 *
 * @param name its vertex
 * @param layer its settings
 * @param parameters its weights by DL4J's names
 * @param input what it reads
 * @param program where its operations go
 */
record LayerSite(String name, Layer layer, Map<String, INDArray> parameters, Value input, ProgramBuilder program) {

    UnsupportedGraphException unsupported(String reason) {
        return UnsupportedGraphException.layer(name, layer, reason);
    }

    /** The input's shape, for layers that need an image. */
    ImageShape image() throws UnsupportedGraphException {
        if (input.flat()) {
            throw unsupported("needs an image, its input is flat");
        }
        return input.shape();
    }

    /** The shape that a window leaves of an image. */
    ImageShape shapeAfter(ImageShape image, Window window, int channels) throws UnsupportedGraphException {
        Extent positions = window.positions(image);
        if (positions.height() < 1 || positions.width() < 1) {
            throw unsupported("its kernel is larger than its input " + image);
        }
        return new ImageShape(channels, positions.height(), positions.width());
    }

    /** The input's channels, if they are as many as the layer wants. */
    int channels(long wanted) throws UnsupportedGraphException {
        int channels = image().channels();
        if (wanted != channels) {
            throw unsupported("wants " + wanted + " channels, its input has " + channels);
        }
        return channels;
    }

    /** Appends a convolution without addend and activation. */
    Value convolve(Value value, Filter filter, Window window) throws UnsupportedGraphException {
        return program.append(
                shapeAfter(value.shape(), window, filter.outputs()),
                made -> new Operation.Convolution(value, filter, window, null, Activation.IDENTITY, made));
    }

    Activation activation(IActivation function) throws UnsupportedGraphException {
        return Activation.of(function).orElseThrow(() -> unsupported("activation " + function));
    }

    /** Appends an activation, unless it changes nothing. */
    Value activate(Value value, IActivation function) throws UnsupportedGraphException {
        Activation activation = activation(function);
        if (activation.isIdentity()) {
            return value;
        }
        Value output = program.append(value.shape(), made -> new Operation.Elementwise(value, activation, made));
        return value.flat() ? output.flattened() : output;
    }

    /** A copy of a parameter's values in C order. */
    float[] parameter(String parameter) throws UnsupportedGraphException {
        INDArray values = parameters.get(parameter);
        if (values == null) {
            throw unsupported("has no parameter " + parameter);
        }
        if (values.dataType() != DataType.FLOAT) {
            throw unsupported("parameter " + parameter + " is " + values.dataType() + ", not FLOAT");
        }
        try (INDArray copy = values.dup('c')) {
            return copy.data().asFloat();
        }
    }
}
