package org.transfer4j.backbone;

import java.nio.file.Path;
import java.util.Optional;
import org.transfer4j.download.DownloadSettings;

/**
 * Where a backbone's weights come from. A pure description: nothing is read or downloaded before the backbone is used.
 */
public sealed interface Weights {
    /** The data set of {@link #imagenet()}, as {@link PretrainedWeights#trainedOn()} names it: {@value}. */
    String IMAGENET = "ImageNet";

    /**
     * The backbone's own pretrained weights, fetched once into the cache folder of {@link DownloadSettings#defaults()}.
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
        return new Pretrained(Optional.empty(), Optional.of(download));
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
        return new Pretrained(Optional.of(IMAGENET), Optional.of(download));
    }

    /**
     * Weights that Keras has written: {@code .weights.h5} of Keras 3, {@code .h5} of any Keras (weights alone or the
     * whole model), with or without the layers above the backbone, which are ignored. The layers are found by their
     * names, and in a file of an early Keras 3, which has none, by their order.
     *
     * @param file the file; read when the backbone is used
     * @return the description
     */
    static Weights file(Path file) {
        return new FromFile(file);
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
