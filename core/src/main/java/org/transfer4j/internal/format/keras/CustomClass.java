package org.transfer4j.internal.format.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.json.Json;

/**
 * Tells a class of somebody's own from Keras' own of the same name, which may compute something else. Keras 3 and the last
 * versions of Keras 2 write a {@code module}, which is not Keras', or null, where somebody's program has the class; a class
 * that was registered goes by a name such as {@code Custom>Conv2D}, which all versions write.
 */
final class CustomClass {
    private static final String CLASS = "class_name";
    private static final String MODULE = "module";
    private static final String SEPARATOR = ">";

    /** Keras 2 is called tf_keras beside Keras 3. */
    private static final Pattern OWN = Pattern.compile("(tf_)?keras(\\..*)?", Pattern.DOTALL);

    private CustomClass() {}

    /** Why a layer or a model can't be taken for Keras' own; null where it can. */
    static @Nullable String fault(JsonNode json) {
        for (String property : List.of(CLASS, "registered_name")) {
            JsonNode name = json.path(property);
            if (name.asText().contains(SEPARATOR)) {
                return fault(property, name);
            }
        }
        JsonNode module = json.path(MODULE);
        boolean own = module.isMissingNode()
                || (module.isTextual() && OWN.matcher(module.textValue()).matches());
        return own ? null : fault(MODULE, module);
    }

    private static String fault(String property, JsonNode value) {
        return "a class of your own can't be computed without its program, and its " + property + " is "
                + Json.shown(value);
    }

    /** What a class is called here, which is the name of none of Keras' own where it is not one of these. */
    static String name(JsonNode json) {
        String name = json.path(CLASS).asText();
        return fault(json) == null || name.contains(SEPARATOR) ? name : "custom " + name;
    }
}
