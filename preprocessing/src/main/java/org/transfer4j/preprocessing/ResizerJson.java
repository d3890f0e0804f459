package org.transfer4j.preprocessing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;
import org.transfer4j.internal.json.JsonFields;
import org.transfer4j.internal.json.JsonText;

/** The JSON of {@link GrayToRgbResizer}: its sizes, those of the source only where they were given. */
final class ResizerJson {
    private static final String KIND = "gray-to-rgb-resizer";
    private static final int VERSION = 1;
    private static final String SOURCE_HEIGHT = "sourceHeight";
    private static final String SOURCE_WIDTH = "sourceWidth";

    private ResizerJson() {}

    static String write(int height, int width, int sourceHeight, int sourceWidth) {
        ObjectNode object = JsonText.object(KIND, VERSION).put("height", height).put("width", width);
        if (sourceHeight > 0) {
            object.put(SOURCE_HEIGHT, sourceHeight).put(SOURCE_WIDTH, sourceWidth);
        }
        return JsonText.write(object);
    }

    static GrayToRgbResizer read(String json) {
        JsonFields fields = JsonFields.read(json, KIND, VERSION);
        int height = fields.integer("height");
        int width = fields.integer("width");
        OptionalInt sourceHeight = fields.optionalInteger(SOURCE_HEIGHT);
        OptionalInt sourceWidth = fields.optionalInteger(SOURCE_WIDTH);
        fields.refuseOthers();
        if (sourceHeight.isEmpty() && sourceWidth.isEmpty()) {
            return new GrayToRgbResizer(height, width);
        }
        return new GrayToRgbResizer(height, width, sourceHeight.orElse(0), sourceWidth.orElse(0));
    }
}
