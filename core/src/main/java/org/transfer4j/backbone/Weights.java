package org.transfer4j.backbone;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.transfer4j.download.DownloadSettings;

/**
 * Where a backbone's weights come from. A pure description: nothing is read or downloaded before the backbone is used.
 */
public sealed interface Weights {
    /** The data set of {@link #imagenet()}, as {@link PretrainedWeights#trainedOn()} names it: {@value}. */
    String IMAGENET = "ImageNet";

    /**
     * The backbone's own pretrained weights: those that come with the library ({@link Backbone#tinyVgg()}), or else
     * fetched once into the cache folder of {@link DownloadSettings#defaults()}.
     *
     * @return the description
     */
    static Weights pretrained() {
        return new Pretrained(Optional.empty(), Optional.empty());
    }

    /**
     * The backbone's own pretrained weights, fetched in a way of your own.
     *
     * @param download the cache folder, the mirror, the timeouts, the progress listener
     * @return the description
     */
    static Weights pretrained(DownloadSettings download) {
        return new Pretrained(Optional.empty(), Optional.of(Objects.requireNonNull(download, "download")));
    }

    /**
     * As {@link #pretrained()}, for those who want to say that they mean ImageNet: a backbone whose weights were trained
     * on something else refuses it.
     *
     * @return the description
     */
    static Weights imagenet() {
        return new Pretrained(Optional.of(IMAGENET), Optional.empty());
    }

    /**
     * As {@link #imagenet()}, fetched in a way of your own.
     *
     * @param download the cache folder, the mirror, the timeouts, the progress listener
     * @return the description
     */
    static Weights imagenet(DownloadSettings download) {
        return new Pretrained(Optional.of(IMAGENET), Optional.of(Objects.requireNonNull(download, "download")));
    }

    /**
     * Weights that another program has written. The format is recognised by the file's content:
     *
     * <ul>
     *   <li>Keras: {@code .weights.h5} and {@code .keras} of Keras 3, {@code .h5} of any Keras (weights alone or the
     *       whole model). The layers are found by their names, and in a file of an early Keras 3, which has none, by
     *       their order. A layer Normalization in it, as EfficientNet has one, must do what the learner's preprocessing
     *       does: where the preprocessing is the backbone's default and differs, the file is refused with the layer's
     *       values, and where the caller has named it, the log warns.
     *   <li>PyTorch: safetensors with the state of a network, as torchvision's and timm's are published. The layers are
     *       found by the names that the backbone gives ({@link Backbone.Builder#torchNames}), else by their own. Such
     *       weights mostly want {@link org.transfer4j.preprocessing.ImagePreprocessing#torch()}, which the learner has
     *       to be told where the backbone's default is another. Files with pickles ({@code .pt}, {@code .pth}) are
     *       refused: reading them runs code. timm has EfficientNet twice, with the same names and shapes; the weights of
     *       {@code tf_efficientnet_b0} fit {@link Backbone#efficientNetB0}, those of {@code efficientnet_b0} fit
     *       {@link Backbone#efficientNetB0Torch}, and each is refused where the other is wanted. Metadata, timm's {@code config.json} beside the file, or the name of the file or of
     *       a folder above must tell which they are.
     *   <li>DL4J: the zip that its networks' {@code save} writes, by the rules of {@link Backbone#dl4j}: one that names a
     *       class that is not known here is refused before any class is loaded. The layers are found by their names.
     * </ul>
     *
     * <p>float16, float32 and float64 become float; so does bfloat16 in safetensors, while in Keras' files it is refused;
     * DL4J's zip may have float and double. Layers above the backbone are ignored. A file that does not fit is refused when the backbone is used, with a
     * {@link org.transfer4j.error.WeightsException} that lists what is missing, what is too much, and which shapes
     * differ.
     *
     * @param file the file; read when the backbone is used
     * @return the description
     */
    static Weights file(Path file) {
        return new FromFile(Objects.requireNonNull(file, "file"));
    }

    /**
     * Random weights, for tests and for training from scratch: the network has learned nothing.
     *
     * @return the description
     */
    static Weights random() {
        return new Random();
    }

    /**
     * The backbone's own pretrained weights.
     *
     * @param dataset the data set that they must have been trained on, empty where any will do
     * @param download how they are fetched, empty for {@link DownloadSettings#defaults()} at that time
     */
    record Pretrained(Optional<String> dataset, Optional<DownloadSettings> download) implements Weights {
        /**
         * A description for logs.
         *
         * @return for example "pretrained on ImageNet"
         */
        @Override
        public String toString() {
            return "pretrained"
                    + dataset.map(name -> " on " + name).orElse("")
                    + download.map(settings -> " (" + settings + ")").orElse("");
        }
    }

    /**
     * Weights of a file.
     *
     * @param path the file
     */
    record FromFile(Path path) implements Weights {
        /**
         * A description for logs.
         *
         * @return "file" and the path
         */
        @Override
        public String toString() {
            return "file " + path;
        }
    }

    /** Random weights. */
    record Random() implements Weights {
        /**
         * A description for logs.
         *
         * @return "random"
         */
        @Override
        public String toString() {
            return "random";
        }
    }
}
