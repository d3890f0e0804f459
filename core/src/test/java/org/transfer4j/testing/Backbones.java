package org.transfer4j.testing;

import java.util.stream.Stream;
import org.transfer4j.backbone.Backbone;

/** What every backbone must pass, each passes by one line here. */
public final class Backbones {
    private Backbones() {}

    /** Every backbone of the library. */
    public static Stream<Backbone> all() {
        return Stream.concat(
                ofDl4j(),
                Stream.of(
                        Backbone.resNeXt50(),
                        Backbone.mobileNetV3Large(),
                        Backbone.mobileNetV3LargeTorch(),
                        Backbone.regNetY016()));
    }

    /** Those that DL4J can say, too. */
    public static Stream<Backbone> ofDl4j() {
        return Stream.of(
                Backbone.vgg16(),
                Backbone.vgg19(),
                Backbone.vgg16BatchNorm(),
                Backbone.resNet50(),
                Backbone.resNet50V15(),
                Backbone.resNet101V15(),
                Backbone.resNet152V15(),
                Backbone.resNet18(),
                Backbone.resNet34(),
                Backbone.mobileNetV2(),
                Backbone.mobileNetV2Torch(),
                Backbone.mobileNetV4ConvSmall(),
                Backbone.mobileNetV4ConvMedium(),
                Backbone.efficientNetB0(),
                Backbone.efficientNetB0Torch(),
                Backbone.efficientNetV2B0(),
                // whose upper blocks make a large error of each rounding, with random weights
                Backbone.efficientNetV2S().upTo("block4f_add"),
                Backbone.denseNet121(),
                Backbone.hgNetV2B4(),
                Backbone.tinyVgg(),
                Backbone.tinyResNet());
    }
}
