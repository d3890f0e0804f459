package org.transfer4j.testing;

import java.util.stream.Stream;
import org.transfer4j.backbone.Backbone;

/** What every backbone must pass, each passes by one line here. */
public final class Backbones {
    private Backbones() {}

    /** Every backbone of the library. */
    public static Stream<Backbone> all() {
        return Stream.of(
                Backbone.vgg16(),
                Backbone.vgg19(),
                Backbone.resNet50(),
                Backbone.resNet50V15(),
                Backbone.resNet18(),
                Backbone.mobileNetV2(),
                Backbone.efficientNetB0(),
                Backbone.denseNet121(),
                Backbone.tinyVgg(),
                Backbone.tinyResNet());
    }
}
