package org.transfer4j.preprocessing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.transfer4j.internal.json.JsonFields;
import org.transfer4j.internal.json.JsonText;

/** The JSON of {@link ImagePreprocessing}: a mode's name, and the numbers where there is no name for them. */
final class PreprocessingJson {
    static final String STANDARDIZED = "standardized";

    private static final String KIND = "image-preprocessing";
    private static final int VERSION = 1;

    private PreprocessingJson() {}

    static String write(ImagePreprocessing preprocessing) {
        String name = preprocessing.name();
        ObjectNode object = JsonText.object(KIND, VERSION).put("mode", name);
        if (name.equals(STANDARDIZED)) {
            put(object.putArray("mean"), preprocessing.mean());
            put(object.putArray("deviation"), preprocessing.deviation());
        }
        return JsonText.write(object);
    }

    static ImagePreprocessing read(String json) {
        JsonFields fields = JsonFields.read(json, KIND, VERSION);
        String name = fields.text("mode");
        Map<String, ImagePreprocessing> modes = ImagePreprocessing.modes();
        ImagePreprocessing result = modes.get(name);
        if (name.equals(STANDARDIZED)) {
            result = ImagePreprocessing.standardized(fields.floats("mean"), fields.floats("deviation"));
        }
        if (result == null) {
            throw new IllegalArgumentException("unknown preprocessing mode '" + name + "': known are "
                    + String.join(", ", modes.keySet()) + ", " + STANDARDIZED);
        }
        fields.refuseOthers();
        return result;
    }

    private static void put(ArrayNode list, float[] values) {
        for (float value : values) {
            list.add(value);
        }
    }
}
