package org.transfer4j.backbone;

import java.net.URI;
import org.transfer4j.download.Checksum;

/**
 * The weights that Keras publishes for its own networks, without top. Names and MD5 are those in the source of
 * {@code keras.applications}, sizes are what Keras reports when it downloads the files. None of it could be confirmed
 * against the files themselves.
 */
final class KerasApplications {
    /** Of sizes that Keras' source does not name. */
    private static final long NOT_KNOWN = -1;

    static final PretrainedWeights VGG16 = published(
            "vgg16",
            "tensorflow/keras-applications/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            58_889_256,
            Checksum.md5("6d6bbae143d832006294945121d1f1fc"),
            "VGG16 by K. Simonyan and A. Zisserman, Visual Geometry Group, University of Oxford, CC BY 4.0");

    static final PretrainedWeights VGG19 = published(
            "vgg19",
            "tensorflow/keras-applications/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            80_134_624,
            Checksum.md5("253f8cb515780f3b799900260a226db6"),
            "VGG19 by K. Simonyan and A. Zisserman, Visual Geometry Group, University of Oxford, CC BY 4.0");

    static final PretrainedWeights RESNET50 = published(
            "resnet50",
            "tensorflow/keras-applications/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
            94_765_736,
            Checksum.md5("4d473c1dd8becc155b73f8504c6f6626"),
            "ResNet-50 by K. He, X. Zhang, S. Ren and J. Sun, MIT licence");

    /** Keras names no checksum for it; this SHA-256 is what several who have downloaded the file report. */
    static final PretrainedWeights MOBILENET_V2 = published(
            "mobilenetv2",
            "tensorflow/keras-applications/mobilenet_v2/"
                    + "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            9_406_464,
            Checksum.sha256("f8aff69536bd77a692c594f559c798c19bf7f3f36668fc9fa00b21c6aab4797c"),
            "MobileNetV2 by M. Sandler and others, Google, Apache License 2.0");

    static final PretrainedWeights EFFICIENTNET_B0 = published(
            "efficientnetb0",
            "keras-applications/efficientnetb0_notop.h5",
            16_705_208,
            Checksum.md5("50bc09e76180e00e4465e1a485ddc09d"),
            "EfficientNet-B0 by M. Tan and Q. V. Le, Google, Apache License 2.0");

    static final PretrainedWeights MOBILENET_V3_LARGE = published(
            "mobilenetv3large",
            "tensorflow/keras-applications/mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            NOT_KNOWN,
            Checksum.md5("07fb09a5933dd0c8eaafa16978110389"),
            "MobileNetV3 by A. Howard and others, Google, Apache License 2.0");

    static final PretrainedWeights EFFICIENTNET_V2_B0 = published(
            "efficientnetv2-b0",
            "tensorflow/keras-applications/efficientnet_v2/efficientnetv2-b0_notop.h5",
            NOT_KNOWN,
            Checksum.md5("893217f2bb855e2983157299931e43ff"),
            "EfficientNetV2-B0 by M. Tan and Q. V. Le, Google, Apache License 2.0");

    static final PretrainedWeights EFFICIENTNET_V2_S = published(
            "efficientnetv2-s",
            "tensorflow/keras-applications/efficientnet_v2/efficientnetv2-s_notop.h5",
            NOT_KNOWN,
            Checksum.md5("af0682fb74e8c54910f2d4393339c070"),
            "EfficientNetV2-S by M. Tan and Q. V. Le, Google, Apache License 2.0");

    static final PretrainedWeights DENSENET121 = published(
            "densenet121",
            "tensorflow/keras-applications/densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
            29_084_464,
            Checksum.md5("30ee3e1110167f948a6b9946edeeb738"),
            "DenseNet-121 by G. Huang, Z. Liu, L. van der Maaten and K. Q. Weinberger, BSD 3-Clause licence");

    private KerasApplications() {}

    private static PretrainedWeights published(
            String network, String path, long size, Checksum checksum, String licence) {
        return PretrainedWeights.of(
                "weights/" + network + path.substring(path.lastIndexOf('/')),
                URI.create("https://storage.googleapis.com/" + path),
                size,
                checksum.unconfirmed(),
                Weights.IMAGENET,
                licence + "; converted by the Keras authors");
    }
}
