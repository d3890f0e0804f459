package org.transfer4j.label;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.Map;
import org.transfer4j.internal.json.JsonFields;
import org.transfer4j.internal.json.JsonText;

/** The JSON of {@link OneHotLabelEncoder}: its classes in order, and its policy. */
final class EncoderJson {
    private static final String KIND = "one-hot-label-encoder";
    private static final int VERSION = 1;

    /** Names of their own, so that renaming a constant doesn't change the format. */
    private static final Map<UnknownLabels, String> POLICIES =
            new EnumMap<>(Map.of(UnknownLabels.FAIL, "fail", UnknownLabels.ALL_ZEROS, "all-zeros"));

    private EncoderJson() {}

    static String write(OneHotLabelEncoder encoder, UnknownLabels unknown) {
        ObjectNode object = JsonText.object(KIND, VERSION);
        ArrayNode classes = object.putArray("classes");
        encoder.classNames().forEach(classes::add);
        object.put("unknown", POLICIES.get(unknown));
        return JsonText.write(object);
    }

    static OneHotLabelEncoder read(String json) {
        JsonFields fields = JsonFields.read(json, KIND, VERSION);
        OneHotLabelEncoder encoder = OneHotLabelEncoder.ofClassNames(fields.texts("classes"));
        UnknownLabels unknown = policy(fields.text("unknown"));
        fields.refuseOthers();
        return encoder.withUnknown(unknown);
    }

    private static UnknownLabels policy(String name) {
        return POLICIES.entrySet().stream()
                .filter(policy -> policy.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown policy '" + name
                        + "' for unknown labels: known are " + String.join(", ", POLICIES.values())));
    }
}
