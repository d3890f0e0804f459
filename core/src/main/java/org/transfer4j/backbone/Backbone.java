package org.transfer4j.backbone;

import java.util.List;
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
    private final List<String> cutPoints;
    private final @Nullable String lastLayer;

    private Backbone(Builder builder, @Nullable String lastLayer) {
        this.name = builder.name;
        this.topology = builder.topology;
        this.height = builder.height;
        this.width = builder.width;
        this.minimumSize = builder.minimumSize;
        this.preprocessing = builder.preprocessing;
        this.pretrained = builder.pretrained;
        this.cutPoints = builder.cutPoints;
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
     * VGG19 without its top (K. Simonyan and A. Zisserman, 2015): 16 convolutions of 3x3 in five blocks, 20,024,384
     * parameters, 512 channels at 1/32 of the input's size. Layer names as in Keras, {@code block1_conv1} to
     * {@code block5_pool}. Input 224x224 by default, any size from 32x32; preprocessing
     * {@link ImagePreprocessing#caffe()}; weights from Keras, trained on ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone vgg19() {
        return Vgg.vgg19();
    }

    /**
     * ResNet-50 without its top (K. He and others, 2016), the first version as in Keras: strides in the 1x1
     * convolutions, biases before batch normalization; 23,587,712 parameters, 2,048 channels at 1/32 of the input's
     * size. Layer names as in Keras, {@code conv1_conv} to {@code conv5_block3_out}; blocks end at {@code _out}. Input
     * 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#caffe()}; weights from Keras,
     * trained on ImageNet.
     *
     * @return the descriptor
     * @see #resNet50V15()
     */
    public static Backbone resNet50() {
        return ResNet.resNet50();
    }

    /**
     * ResNet-50 without its top, version 1.5, as in torchvision and timm: strides in the 3x3 convolutions, no biases;
     * 23,508,032 parameters that are trained and 53,120 that are counted along, 2,048 channels at 1/32 of the input's
     * size. Layers are named as those of {@link #resNet50()}. Input 224x224 by default, any size from 32x32;
     * preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone resNet50V15() {
        return ResNet.resNet50V15();
    }

    /**
     * ResNet-18 without its top (K. He and others, 2016), as in torchvision: two 3x3 convolutions a block; 11,176,512
     * parameters that are trained and 9,600 that are counted along, 512 channels at 1/32 of the input's size. Layers
     * are named in the way of {@link #resNet50()}, {@code conv1_conv} to {@code conv5_block2_out}, the shortcuts'
     * {@code conv3_block1_0_conv}. Input 224x224 by default, any size from 32x32; preprocessing
     * {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone resNet18() {
        return ResNet.resNet18();
    }

    /**
     * MobileNetV2 of width 1 without its top (M. Sandler and others, 2018): depthwise convolutions, 2,257,984
     * parameters, 1,280 channels at 1/32 of the input's size, rounded up. Layer names as in Keras, {@code Conv1} to
     * {@code out_relu}, but for Keras' layers of zero padding, which are part of the layers above them. Input 224x224 by
     * default, any size from 32x32; preprocessing {@link ImagePreprocessing#tf()}; weights from Keras, trained on
     * ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone mobileNetV2() {
        return MobileNet.mobileNetV2();
    }

    /**
     * EfficientNet-B0 without its top (M. Tan and Q. V. Le, 2019): depthwise convolutions with swish and
     * squeeze-and-excite, 4,049,564 parameters, 1,280 channels at 1/32 of the input's size, rounded up. Layer names as
     * in Keras, {@code stem_conv} to {@code top_activation}, without Keras' layers of zero padding and of
     * normalization: the latter are the preprocessing, {@link ImagePreprocessing#torch()}. Keras' dropping of whole
     * blocks in training (stochastic depth) is left out. Input 224x224 by default, any size from 32x32; weights from
     * Keras, trained on ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone efficientNetB0() {
        return EfficientNet.efficientNetB0();
    }

    /**
     * DenseNet-121 without its top (G. Huang and others, 2017): 7,037,504 parameters, 1,024 channels at 1/32 of the
     * input's size. Layer names as in Keras, {@code conv1_conv} to {@code relu}. Input 224x224 by default, any size
     * from 32x32; preprocessing {@link ImagePreprocessing#torch()}; weights from Keras, trained on ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone denseNet121() {
        return DenseNet.denseNet121();
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
     * The layers at which the network is best frozen or ended: the ends of its blocks. Any other layer will do too
     * through which everything above it passes.
     *
     * @return names from the lowest up, also of what {@link #upTo} leaves out; empty where the descriptor names none
     */
    public List<String> cutPoints() {
        return cutPoints;
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
        private List<String> cutPoints = List.of();

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
            cutPoints = backbone.cutPoints;
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
         * Names the layers at which the network is best cut: the ends of its blocks.
         *
         * @param layers names from the lowest up, each of a layer through which everything above it passes; a name that
         *     is not in the graph is refused where a learner takes the backbone
         * @return this builder
         */
        public Builder cutPoints(List<String> layers) {
            this.cutPoints = List.copyOf(layers);
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
