package org.transfer4j;

import java.util.Map;
import java.util.function.Supplier;
import org.transfer4j.backbone.Backbone;

/** The backbones by the names of their methods, which are those of their folders of golden files. */
final class LibraryBackbones {
    private static final Map<String, Supplier<Backbone>> ALL = Map.of(
            "vgg19", Backbone::vgg19,
            "resNet50", Backbone::resNet50,
            "resNet50V15", Backbone::resNet50V15,
            "resNet18", Backbone::resNet18,
            "mobileNetV2", Backbone::mobileNetV2,
            "mobileNetV3Large", Backbone::mobileNetV3Large,
            "efficientNetB0", Backbone::efficientNetB0,
            "efficientNetV2B0", Backbone::efficientNetV2B0,
            "denseNet121", Backbone::denseNet121);

    private LibraryBackbones() {}

    static Backbone named(String name) {
        Supplier<Backbone> backbone = ALL.get(name);
        if (backbone == null) {
            throw new IllegalArgumentException("no backbone " + name + " among " + ALL.keySet());
        }
        return backbone.get();
    }
}
