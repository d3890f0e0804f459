package org.transfer4j.benchmarks;

import java.util.List;
import org.transfer4j.backbone.Backbone;

/** The networks that are measured, by their names. */
final class Backbones {
    private static final List<Backbone> ALL = List.of(
            Backbone.tinyVgg(),
            Backbone.tinyResNet(),
            Backbone.vgg16(),
            Backbone.vgg19(),
            Backbone.resNet50(),
            Backbone.resNet50V15(),
            Backbone.resNet18(),
            Backbone.mobileNetV2(),
            Backbone.efficientNetB0(),
            Backbone.denseNet121(),
            BatchNormalizedNetwork.backbone());

    private Backbones() {}

    static Backbone named(String name) {
        return ALL.stream()
                .filter(backbone -> backbone.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--backbone is one of "
                        + ALL.stream().map(Backbone::name).toList() + ", got " + name));
    }
}
