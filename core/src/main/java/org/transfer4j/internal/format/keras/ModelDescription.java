package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.json.Json;

/**
 * A model with the models within it taken apart.
 *
 * @param file where it stands, for errors
 * @param name the model's name
 * @param input the input layer's name
 * @param inputShape [null, height, width, channels], where height and width may be null too; missing if nothing says it
 * @param layers by name, each after all that it needs
 * @param outputs the layers that give the outputs
 */
record ModelDescription(
        Path file,
        String name,
        String input,
        JsonNode inputShape,
        Map<String, LayerDescription> layers,
        List<String> outputs) {
    /** What Keras' own networks take, where a model takes any size. */
    private static final int DEFAULT_SIZE = 224;

    private static final int RANK = 4;
    private static final int LARGEST = 1 << 15;

    int height() {
        return size(1);
    }

    int width() {
        return size(2);
    }

    void checkInput() {
        boolean images = inputShape.isMissingNode()
                || (inputShape.isArray()
                        && inputShape.size() == RANK
                        && inputShape.get(RANK - 1).asInt() == 3);
        if (!images) {
            throw new WeightsException(
                    file,
                    "a backbone takes RGB images, [null, height, width, 3], but the input " + input
                            + " is of the shape " + Json.shown(inputShape));
        }
        height();
        width();
    }

    private int size(int dimension) {
        JsonNode size = inputShape.path(dimension);
        if (size.isMissingNode() || size.isNull()) {
            return DEFAULT_SIZE;
        }
        if (!size.isIntegralNumber() || !size.canConvertToInt() || size.intValue() < 1 || size.intValue() > LARGEST) {
            throw new WeightsException(
                    file,
                    "images of 1 to " + LARGEST + " pixels can be taken, but the input " + input + " is of the shape "
                            + Json.shown(inputShape));
        }
        return size.intValue();
    }
}
