package org.transfer4j.backbone;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A network to transfer from: one descriptor of its topology, input size, preprocessing and pretrained weights.
 * Immutable; building or loading anything is the learner's business.
 *
 * <p>A backbone of your own is one more descriptor:
 *
 * <pre>{@code
 * Backbone backbone = Backbone.builder("my-network", (height, width) -> myConfiguration(height, width))
 *         .inputSize(96, 96)
 *         .minimumSize(32)
 *         .preprocessing(ImagePreprocessing.torch())
 *         .build();
 * }</pre>
 */
public final class Backbone {
    private final String name;
    private final Topology topology;
    private final int height;
    private final int width;
    private final int minimumSize;
    private final ImagePreprocessing preprocessing;
    private final @Nullable PretrainedWeights pretrained;
    private final List<Map<String, String>> torchNames;
    private final @Nullable String lastLayer;

    private Backbone(Builder builder, @Nullable String lastLayer) {
        this.name = builder.name;
        this.topology = builder.topology;
        this.height = builder.height;
        this.width = builder.width;
        this.minimumSize = builder.minimumSize;
        this.preprocessing = builder.preprocessing;
        this.pretrained = builder.pretrained;
        this.torchNames = List.copyOf(builder.torchNames);
        this.lastLayer = lastLayer;
    }

    /**
     * VGG16 without its top (K. Simonyan and A. Zisserman, 2015): 13 convolutions of 3x3 in five blocks, 14,714,688
     * parameters, 512 channels at 1/32 of the input's size. Layer names as in Keras, {@code block1_conv1} to
     * {@code block5_pool}. Input 224x224 by default, any size from 32x32; preprocessing
     * {@link ImagePreprocessing#caffe()}; weights from Keras, trained on ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone vgg16() {
        return Vgg.vgg16();
    }

    /**
     * Starts a descriptor of your own.
     *
     * @param name the backbone's name, for summaries, errors and model files
     * @param topology builds the graph for an input size
     * @return a builder with input 224x224, minimum size 1, preprocessing {@link ImagePreprocessing#unit()} and no
     *     pretrained weights
     */
    public static Builder builder(String name, Topology topology) {
        return new Builder(name, topology);
    }

    /**
     * The same backbone, ended earlier: everything that the named layer does not need is left out.
     *
     * @param layer the layer whose output becomes the features, such as {@code block3_pool}; an unknown name is
     *     refused, with the names there are, where a learner takes the backbone
     * @return a new descriptor
     */
    public Backbone upTo(String layer) {
        return new Backbone(new Builder(this), Objects.requireNonNull(layer, "layer"));
    }

    /**
     * The backbone's name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * What builds the graph.
     *
     * @return the topology
     */
    public Topology topology() {
        return topology;
    }

    /**
     * The default input height.
     *
     * @return pixels
     */
    public int inputHeight() {
        return height;
    }

    /**
     * The default input width.
     *
     * @return pixels
     */
    public int inputWidth() {
        return width;
    }

    /**
     * The smallest input, in height and in width, at which every layer still has an output.
     *
     * @return pixels
     */
    public int minimumSize() {
        return minimumSize;
    }

    /**
     * What the pretrained weights expect to be done to pixels.
     *
     * @return the preprocessing
     */
    public ImagePreprocessing preprocessing() {
        return preprocessing;
    }

    /**
     * Where pretrained weights come from.
     *
     * @return the source, empty where there is none
     */
    public Optional<PretrainedWeights> pretrainedWeights() {
        return Optional.ofNullable(pretrained);
    }

    /**
     * What PyTorch calls the layers, for weights in safetensors files.
     *
     * @return from names of layers to names of modules, once for each program that names them otherwise; empty where
     *     they are not known
     */
    public List<Map<String, String>> torchNames() {
        return torchNames;
    }

    /**
     * The layer that ends this backbone early.
     *
     * @return the name given to {@link #upTo}, empty for the whole topology
     */
    public Optional<String> lastLayer() {
        return Optional.ofNullable(lastLayer);
    }

    @Override
    public String toString() {
        return lastLayer == null ? name : name + " up to " + lastLayer;
    }

    /** Collects a descriptor's parts. */
    public static final class Builder {
        private final String name;
        private final Topology topology;
        private int height = 224;
        private int width = 224;
        private int minimumSize = 1;
        private ImagePreprocessing preprocessing = ImagePreprocessing.unit();
        private @Nullable PretrainedWeights pretrained;
        private final List<Map<String, String>> torchNames = new ArrayList<>();

        private Builder(String name, Topology topology) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("a backbone needs a name, got a blank one");
            }
            this.name = name;
            this.topology = Objects.requireNonNull(topology, "topology");
        }

        private Builder(Backbone backbone) {
            this(backbone.name, backbone.topology);
            height = backbone.height;
            width = backbone.width;
            minimumSize = backbone.minimumSize;
            preprocessing = backbone.preprocessing;
            pretrained = backbone.pretrained;
            torchNames.addAll(backbone.torchNames);
        }

        /**
         * Sets the default input size.
         *
         * @param height pixels, 1 or more
         * @param width pixels, 1 or more
         * @return this builder
         */
        public Builder inputSize(int height, int width) {
            if (height < 1 || width < 1) {
                throw new IllegalArgumentException("an input is 1x1 or larger, got " + height + "x" + width);
            }
            this.height = height;
            this.width = width;
            return this;
        }

        /**
         * Sets the smallest input.
         *
         * @param pixels the least height and width, 1 or more
         * @return this builder
         */
        public Builder minimumSize(int pixels) {
            if (pixels < 1) {
                throw new IllegalArgumentException("the minimum size is 1 or more, got " + pixels);
            }
            this.minimumSize = pixels;
            return this;
        }

        /**
         * Sets what is done to pixels.
         *
         * @param preprocessing what the weights were trained with
         * @return this builder
         */
        public Builder preprocessing(ImagePreprocessing preprocessing) {
            this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
            return this;
        }

        /**
         * Sets where pretrained weights come from.
         *
         * @param weights the source
         * @return this builder
         */
        public Builder pretrained(PretrainedWeights weights) {
            this.pretrained = Objects.requireNonNull(weights, "weights");
            return this;
        }

        /**
         * Says what PyTorch calls the layers, so that {@link Weights#file} finds them in a safetensors file: the array
         * {@code features.0.weight} is the kernel of the layer that is here called {@code features.0}. Where programs
         * call them differently (torchvision, timm), once for each; the names that fit a file best are taken. Layers that
         * are not named are called as they are here.
         *
         * <p>Only for a network that computes what PyTorch's does. One that pads in another way takes the weights, but
         * gives other features.
         *
         * @param modules from a layer's name to the module's, such as {@code "conv1_bn"} to {@code "bn1"}
         * @return this builder
         * @throws IllegalArgumentException if two layers are given one module
         */
        public Builder torchNames(Map<String, String> modules) {
            Map<String, String> copy = Map.copyOf(modules);
            if (new HashSet<>(copy.values()).size() < copy.size()) {
                throw new IllegalArgumentException(
                        "two layers of " + name + " are given one module of PyTorch: " + copy);
            }
            torchNames.add(copy);
            return this;
        }

        /**
         * Ends the description.
         *
         * @return the descriptor
         * @throws IllegalArgumentException if the default input size is under the minimum
         */
        public Backbone build() {
            if (height < minimumSize || width < minimumSize) {
                throw new IllegalArgumentException("the default input size of " + name + " is " + height + "x" + width
                        + ", under its minimum of " + minimumSize + "x" + minimumSize);
            }
            return new Backbone(this, null);
        }
    }
}
