package org.transfer4j.internal.format.keras;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;

/**
 * Multiply, of images of the same shape or of an image and a number for each of its channels, as squeeze-and-excite has
 * it. DL4J computes such a product, but its vertex refuses the shapes; so each number is spread over the image first.
 */
final class MultiplyConversion implements LayerConversion {
    private static final String SPREAD = "_spread";

    private final ElementwiseConversion product = new ElementwiseConversion(ElementWiseVertex.Op.Product);

    @Override
    public Value convert(LayerDescription layer, List<Value> inputs, GraphWriter graph) {
        if (inputs.size() != 2 || inputs.get(0).sameShape(inputs.get(1))) {
            return product.convert(layer, inputs, graph);
        }
        List<Value> spread = new ArrayList<>(inputs);
        for (int i = 0; i < inputs.size(); i++) {
            Value scale = inputs.get(i);
            Value image = inputs.get(1 - i);
            if (scale.pixel() && scale.image() && scale.channels() == image.channels()) {
                Upsampling2D made = new Upsampling2D.Builder(1)
                        .size(new int[] {image.height(), image.width()})
                        .build();
                spread.set(
                        i, graph.helper(layer, SPREAD, made, scale, image.height(), image.width(), image.channels()));
            }
        }
        return product.convert(layer, spread, graph);
    }
}
