package org.transfer4j.backbone;

import java.net.URI;
import org.transfer4j.download.Checksum;

/** The weights that Keras publishes for its own networks. */
final class KerasApplications {
    /**
     * Name and MD5 are those in the source of {@code keras.applications}, the size is what Keras reports when it
     * downloads the file. None of it could be confirmed against the file itself.
     */
    static final PretrainedWeights VGG16 = PretrainedWeights.of(
            "weights/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            URI.create("https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
                    + "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
            58_889_256,
            Checksum.md5("6d6bbae143d832006294945121d1f1fc").unconfirmed(),
            Weights.IMAGENET,
            "VGG16 by K. Simonyan and A. Zisserman, Visual Geometry Group, University of Oxford, CC BY 4.0;"
                    + " converted by the Keras authors");

    private KerasApplications() {}
}
