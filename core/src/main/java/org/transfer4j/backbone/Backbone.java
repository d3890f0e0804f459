package org.transfer4j.backbone;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.transfer4j.head.Head;
import org.transfer4j.internal.dl4j.SourceNetwork;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * A network to transfer from: one descriptor of its topology, input size, preprocessing and pretrained weights.
 * Immutable; building a network of it, and loading weights that it does not have by itself, is the learner's business.
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
    /** What it was built of; nobody changes it. */
    private final Builder parts;

    private final @Nullable String lastLayer;
    private final @Nullable GivenNetwork given;
    private final boolean ended;

    /**
     * Ends a description.
     *
     * @param builder copied
     * @param lastLayer where {@link #upTo} ends it
     * @param given the network that it is taken from, null where it is described
     * @param ended whether that network is known to end there; if not, a description of a lower part
     */
    Backbone(Builder builder, @Nullable String lastLayer, @Nullable GivenNetwork given, boolean ended) {
        this.parts = new Builder(builder);
        this.lastLayer = lastLayer;
        this.given = given;
        this.ended = ended;
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
     * VGG16 with batch normalization after each convolution, without its top, as in torchvision; 14,723,136 parameters that are
     * trained and 8,448 that are counted along, 512 channels at 1/32 of the input's size. Layers are named as those of
     * {@link #vgg16()}, between them {@code block1_conv1_bn} and {@code block1_conv1_relu}. Input 224x224 by default, any size
     * from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone vgg16BatchNorm() {
        return Vgg.vgg16BatchNorm();
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
     * ResNet-101 without its top, version 1.5, as in torchvision and timm: {@link #resNet50V15()} with 3, 4, 23 and 3
     * blocks; 42,500,160 parameters that are trained and 105,344 that are counted along, 2,048 channels at 1/32 of the
     * input's size. Input 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no
     * weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone resNet101V15() {
        return ResNet.resNet101V15();
    }

    /**
     * ResNet-152 without its top, version 1.5, as in torchvision and timm: {@link #resNet50V15()} with 3, 8, 36 and 3
     * blocks; 58,143,808 parameters that are trained and 151,424 that are counted along, 2,048 channels at 1/32 of the
     * input's size. Input 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no
     * weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone resNet152V15() {
        return ResNet.resNet152V15();
    }

    /**
     * ResNeXt-50 32x4d without its top (S. Xie and others, 2017), as in torchvision and timm: {@link #resNet50V15()}
     * with 3x3 convolutions of twice the width in 32 groups; 22,979,904 parameters that are trained and 68,224 that are
     * counted along, 2,048 channels at 1/32 of the input's size. Layers are named as those of {@link #resNet50()}.
     * Input 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no weights to
     * fetch, name a file. DL4J has no grouped convolution: {@code toComputationGraph} refuses it.
     *
     * @return the descriptor
     */
    public static Backbone resNeXt50() {
        return ResNet.resNeXt50();
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
     * ResNet-34 without its top (K. He and others, 2016), as in torchvision: {@link #resNet18()} with 3, 4, 6 and 3
     * blocks; 21,284,672 parameters that are trained and 17,024 that are counted along, 512 channels at 1/32 of the
     * input's size. Input 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no
     * weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone resNet34() {
        return ResNet.resNet34();
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
     * MobileNetV2 of width 1 without its top, as in torchvision and timm, which pad on all sides and add 1e-5 to
     * variances, so that the weights of {@link #mobileNetV2()} and its own don't fit each other; 2,223,872 parameters
     * that are trained and 34,112 that are counted along, 1,280 channels at 1/32 of the input's size, rounded up. Layer
     * names as in timm, {@code conv_stem} to {@code bn2.act}. Input 224x224 by default, any size from 32x32;
     * preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone mobileNetV2Torch() {
        return MobileNet.mobileNetV2Torch();
    }

    /**
     * MobileNetV3-Large of width 1 without its top (A. Howard and others, 2019), as in Keras and in timm's {@code
     * tf_mobilenetv3_large_100}: depthwise convolutions with hard swish and squeeze-and-excite; 2,971,952 parameters
     * that are trained and 24,400 that are counted along, 960 channels at 1/32 of the input's size, rounded up. Layer
     * names as in Keras, {@code conv} to {@code conv_1_activation}, where Keras has names of its own for them. Input
     * 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#tf()}, with which Keras' network
     * begins; weights from Keras, trained on ImageNet. DL4J has no hard swish: {@code toComputationGraph} refuses the
     * network.
     *
     * @return the descriptor
     */
    public static Backbone mobileNetV3Large() {
        return MobileNet.mobileNetV3Large();
    }

    /**
     * MobileNetV3-Large as in timm's {@code mobilenetv3_large_100}, which pads on all sides and adds 1e-5 to variances,
     * so that the weights of {@link #mobileNetV3Large()} and its own don't fit each other; torchvision's add 1e-3 and
     * fit neither. 2,971,952 parameters that are trained and 24,400 that are counted along, 960 channels at 1/32 of the
     * input's size, rounded up. Layer names as in timm, {@code conv_stem} to {@code blocks.6.0.bn1.act}. Input 224x224
     * by default, any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a
     * file. DL4J has no hard swish: {@code toComputationGraph} refuses the network.
     *
     * @return the descriptor
     */
    public static Backbone mobileNetV3LargeTorch() {
        return MobileNet.mobileNetV3LargeTorch();
    }

    /**
     * MobileNetV4-Conv-Small without its top (D. Qin and others, 2024), as in timm; 1,261,664 parameters that are
     * trained and 22,528 that are counted along, 960 channels at 1/32 of the input's size, rounded up. Layer names as
     * in timm, {@code conv_stem} to {@code blocks.4.0.bn1.act}. Input 224x224 by default, any size from 32x32;
     * preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone mobileNetV4ConvSmall() {
        return MobileNet.mobileNetV4ConvSmall();
    }

    /**
     * MobileNetV4-Conv-Medium without its top (D. Qin and others, 2024), as in timm; 7,203,152 parameters that are
     * trained and 65,344 that are counted along, 960 channels at 1/32 of the input's size, rounded up. Layer names as
     * in timm, {@code conv_stem} to {@code blocks.4.0.bn1.act}. Input 224x224 by default (timm's were trained at
     * 256x256), any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a
     * file.
     *
     * @return the descriptor
     */
    public static Backbone mobileNetV4ConvMedium() {
        return MobileNet.mobileNetV4ConvMedium();
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
     * EfficientNet-B0 without its top, as in timm's {@code efficientnet_b0} and in torchvision, which pad on all sides
     * and add 1e-5 to variances, so that the weights of {@link #efficientNetB0()} and its own don't fit each other;
     * 4,007,548 parameters that are trained and 42,016 that are counted along, 1,280 channels at 1/32 of the input's
     * size, rounded up. Layer names as in timm, {@code conv_stem} to {@code bn2.act}. Input 224x224 by default, any
     * size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone efficientNetB0Torch() {
        return EfficientNet.efficientNetB0Torch();
    }

    /**
     * EfficientNetV2-B0 without its top (M. Tan and Q. V. Le, 2021), as in Keras and in timm's {@code
     * tf_efficientnetv2_b0}; 5,858,704 parameters that are trained and 60,608 that are counted along, 1,280 channels at
     * 1/32 of the input's size, rounded up. Layer names as in Keras, {@code stem_conv} to {@code top_activation};
     * Keras' stochastic depth is left out. Input 224x224 by default, any size from 32x32; preprocessing {@link
     * ImagePreprocessing#torch()}, with which Keras' network begins; weights from Keras, trained on ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone efficientNetV2B0() {
        return EfficientNet.efficientNetV2B0();
    }

    /**
     * EfficientNetV2-S without its top (M. Tan and Q. V. Le, 2021), as in Keras and in timm's {@code
     * tf_efficientnetv2_s}; 20,177,488 parameters that are trained and 153,872 that are counted along, 1,280 channels
     * at 1/32 of the input's size, rounded up. Layer names as in Keras, {@code stem_conv} to {@code top_activation};
     * Keras' stochastic depth is left out. Input 224x224 by default (the weights were trained at 300x300 to 384x384),
     * any size from 32x32; preprocessing: less 128, divided by 128, with which Keras' network begins; weights from
     * Keras, trained on ImageNet.
     *
     * @return the descriptor
     */
    public static Backbone efficientNetV2S() {
        return EfficientNet.efficientNetV2S();
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
     * RegNetY-1.6GF without its top (I. Radosavovic and others, 2020), as in timm and torchvision: grouped convolutions
     * with squeeze-and-excite; 10,313,430 parameters that are trained and 52,672 that are counted along, 888 channels
     * at 1/32 of the input's size, rounded up. Layer names as in timm, {@code stem.conv} to {@code s4.b2.act3}. Input
     * 224x224 by default, any size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch,
     * name a file. DL4J has no grouped convolution: {@code toComputationGraph} refuses the network.
     *
     * @return the descriptor
     */
    public static Backbone regNetY016() {
        return RegNet.regNetY016();
    }

    /**
     * HGNetV2-B0 without its top (PaddlePaddle, 2023), as in timm, with a learned factor and summand behind each
     * activation; 1,850,396 parameters that are trained and 12,272 that are counted along, 1,024 channels at 1/32 of the
     * input's size, rounded up. Layer names as in timm, {@code stem.stem1.conv} to {@code
     * stages.3.blocks.0.aggregation.1.lab}. Input 224x224 by default, any size from 32x32; preprocessing
     * {@link ImagePreprocessing#torch()}; no weights to fetch, name a file. DL4J has no such factor: {@code
     * toComputationGraph} refuses the network.
     *
     * @return the descriptor
     */
    public static Backbone hgNetV2B0() {
        return HgNet.hgNetV2B0();
    }

    /**
     * HGNetV2-B4 without its top (PaddlePaddle, 2023), as in timm; 13,553,376 parameters that are trained and 45,696
     * that are counted along, 2,048 channels at 1/32 of the input's size, rounded up. Layer names as in timm, {@code
     * stem.stem1.conv} to {@code stages.3.blocks.0.aggregation.1.act}. Input 224x224 by default, any size from 32x32;
     * preprocessing {@link ImagePreprocessing#torch()}; no weights to fetch, name a file.
     *
     * @return the descriptor
     */
    public static Backbone hgNetV2B4() {
        return HgNet.hgNetV2B4();
    }

    /**
     * A small VGG for small images: seven 3x3 convolutions in three blocks of 48, 80 and 128 channels, each convolution
     * followed by batch normalization and ReLU, each block ended by 2x2 max pooling; 503,824 parameters, 128 channels at
     * 1/8 of the input's size. Layer names as VGG16's, {@code block1_conv1}, {@code block1_conv1_bn},
     * {@code block1_conv1_relu} to {@code block3_pool}. Input 32x32 by default, any size from 8x8; preprocessing
     * {@link ImagePreprocessing#tf()}; weights that come with the library, trained on CIFAR-10, of
     * whose test images the whole network knows 90.2%. For images unlike photographs {@code upTo("block2_pool")} is the
     * better cut.
     *
     * @return the descriptor
     */
    public static Backbone tinyVgg() {
        return Vgg.tinyVgg();
    }

    /**
     * A small residual network for photographs: a 3x3 convolution that halves the image, three stages of one, one and
     * two residual blocks (48, 96 and 192 channels; the second and the third stage halve the image again), and a 1x1
     * convolution to 512 channels at 1/8 of the input's size, all with batch normalization and ReLU; 1,451,680 parameters,
     * 160 million multiplications an image of 64x64. Its features are averaged by default. Layer names {@code stem_conv},
     * {@code stage2_block1_1_conv} to {@code top_relu}; each block ends at its {@code _out}. Input 80x80 by default, any
     * size from 32x32; preprocessing {@link ImagePreprocessing#torch()}; weights that come with the library, trained on
     * Tiny ImageNet's 200 classes.
     *
     * @return the descriptor
     */
    public static Backbone tinyResNet() {
        return ResNet.tinyResNet();
    }

    /**
     * A functional or sequential model that Keras 2 or 3 saved with {@code model.save}, with its weights. The file is
     * read here, and what becomes of it afterwards does not matter; no Python and no code of the file is run.
     *
     * <p>It ends at the last layer that gives images, [height, width, channels]: flattening, global pooling and dense
     * layers above are its former top, and so are convolutions between a global pooling with {@code keepdims} and a
     * flattening. {@link #upTo} ends it earlier, or where the model has several outputs. A layer below that can't be
     * computed is refused by name, the first of them; so is a dense or softmax layer on images: by {@code upTo}, by
     * learners, and by what is asked of a whole network, such as {@link #minimumSize}, since {@code upTo} may still end it
     * below. Layers keep Keras' names; models used as layers are taken apart. Where a layer within such a model has a name
     * that another has as well, the models' names come first ({@code base/conv2d}); of a layer without weights that is used
     * several times, uses but the first are numbered ({@code pool:2}), while one with weights is refused. Weights, unless the
     * learner names others: the file's.
     *
     * <p>Head, unless the learner says otherwise: {@link Head#globalAveragePooling()}, or {@link Head#flatten()} where the
     * model's own top flattens the images. A model without a top, or ended by {@code upTo}, is averaged if it has batch
     * normalization or branches, else flattened, as VGG is.
     *
     * <p>Layers: Conv2D, DepthwiseConv2D, SeparableConv2D, BatchNormalization, Activation (linear, relu, relu6, leaky_relu,
     * elu, selu, sigmoid, tanh, softplus, softsign, mish, silu, hard_tanh, hard_silu, hard_sigmoid), ReLU (a threshold alone,
     * or max_value and negative_slope), LeakyReLU, ELU, these three also as the activation of another layer, the functions of
     * {@code keras.ops} of the same names and clip, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D,
     * GlobalMaxPooling2D, ZeroPadding2D, Add, Subtract, Multiply, Average, Maximum, arithmetic with a number, Rescaling with
     * single numbers, Concatenate, Reshape of what is pooled to [1, 1, channels], Dense between what is pooled so and the
     * images that are multiplied by it, Dropout, SpatialDropout2D, Identity; noise, AlphaDropout, stochastic depth and random
     * augmentation are left out, and so is dropout of pixels before their scaling. All in {@code channels_last}, on RGB
     * images. DL4J has no convolution of groups (but of one group, or one for each channel), no
     * hard_silu, and no hard_sigmoid but Keras 2's: a network with one of them is computed on oneDNN; {@code fit},
     * where it would be trained, and {@link Topology#configure} refuse it by name.
     *
     * <p>Not heeded: dtype policies, also {@code mixed_float16} and {@code mixed_bfloat16}, since all is computed in float32
     * unless the learner's {@code precision} says otherwise; {@code trainable}, since the learner says what is frozen; and,
     * in a further training, regularizers and constraints of kernels, biases and outputs, of which a warning in the log
     * tells the layers ({@link org.transfer4j.training.Optimizer#weightDecay} is one for all).
     *
     * <p>Input size: the model's, 224x224 where it takes any. Preprocessing: Rescaling, Normalization, and arithmetic with
     * single numbers or three, one for each channel, before the first other layer, and Keras' {@code preprocess_input} of all
     * modes, but RGB turned into BGR in no other way; a model that begins without gets pixels as they are, 0..255, as
     * Keras would give them. What was done to the pixels outside of the model is in no file: the learner's
     * {@code preprocessing} must say it.
     *
     * @param file a {@code .keras} file, or an {@code .h5} file of a whole model
     * @return the descriptor
     * @throws org.transfer4j.error.WeightsException if the file is damaged, holds no model, or none of its layers gives
     *     images
     */
    public static Backbone keras(Path file) {
        Objects.requireNonNull(file, "file");
        return GivenNetwork.keras(file);
    }

    /**
     * A network that DL4J's {@code ModelSerializer} saved, a {@link ComputationGraph} or a {@link MultiLayerNetwork},
     * with its weights; as {@link #of(ComputationGraph)} but for the file, which is read here. Of the file, configuration and coefficients are read; the configuration may name layers of image
     * networks only, and normalizers and updaters are ignored.
     *
     * @param file the zip file
     * @return the descriptor
     * @throws org.transfer4j.error.ModelFileException if the file is damaged, holds no network of DL4J, or none that can be
     *     a backbone
     */
    public static Backbone dl4j(Path file) {
        Objects.requireNonNull(file, "file");
        return GivenNetwork.dl4j(file);
    }

    /**
     * A network of DL4J, with a copy of its weights in float; the network may be trained on or closed afterwards.
     *
     * <p>It ends at the last vertex that gives images, below output, dense and global pooling layers; {@link #upTo} ends it
     * earlier, or where the network has several outputs. The head, unless the learner says otherwise, is chosen as in
     * {@link #keras}. It must have one input of three channels; the layout of what
     * works on [N, H, W, C] is turned to [N, C, H, W]. Frozen layers are taken for plain ones: the learner says what is
     * frozen.
     *
     * <p>Input size: DL4J's configurations do not keep it. It is the size that the network's own flattening, or slopes of
     * each pixel, show (of several, the one that divides by two most often), else 224x224, or in {@code
     * ConvolutionMode.Strict} the nearest square that fits; the learner's {@code inputSize} says another.
     * Preprocessing: none, pixels are 0..255 as they are; a scaler that the network was trained with must be named to
     * the learner, such as {@link ImagePreprocessing#unit()} for {@code ImagePreProcessingScaler}.
     *
     * @param network the network, initialised
     * @return the descriptor
     * @throws IllegalArgumentException if the network is not initialised, or can't be a backbone wherever it ends
     */
    public static Backbone of(ComputationGraph network) {
        Objects.requireNonNull(network, "network");
        return GivenNetwork.of(SourceNetwork.of("computation-graph", network));
    }

    /**
     * A network of DL4J whose layers are in a row, as {@link #of(ComputationGraph)}. Layers without a name of their own are
     * called {@code layer0}, {@code layer1} and so on.
     *
     * @param network the network, initialised
     * @return the descriptor
     * @throws IllegalArgumentException if the network is not initialised, or can't be a backbone wherever it ends
     */
    public static Backbone of(MultiLayerNetwork network) {
        Objects.requireNonNull(network, "network");
        return GivenNetwork.of(SourceNetwork.of("multi-layer-network", network));
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
     *     refused, with the names there are: at once where the network was given, else where a learner takes the backbone
     * @return a new descriptor
     * @throws IllegalArgumentException if the network was given and can't end there
     * @throws org.transfer4j.error.TransferException if it was given by a file, and what the layer needs can't be computed
     */
    public Backbone upTo(String layer) {
        Objects.requireNonNull(layer, "layer");
        return given == null
                ? new Backbone(parts, layer, null, true)
                : new Backbone(given.upTo(Optional.of(layer)), layer, given, true);
    }

    /**
     * The backbone's name.
     *
     * @return the name
     */
    public String name() {
        return parts.name;
    }

    /**
     * What builds the graph.
     *
     * @return the topology
     * @throws IllegalArgumentException if the network was given and does not end as a backbone; {@link #upTo} ends it
     * @throws org.transfer4j.error.TransferException as before, of a file's network
     */
    public Topology topology() {
        requireEnd();
        return parts.topology;
    }

    /** Throws what stands against the given network's own end. */
    private void requireEnd() {
        if (given != null && !ended) {
            given.upTo(Optional.empty());
        }
    }

    /**
     * The default input height.
     *
     * @return pixels
     */
    public int inputHeight() {
        return parts.height;
    }

    /**
     * The default input width.
     *
     * @return pixels
     */
    public int inputWidth() {
        return parts.width;
    }

    /**
     * The smallest input, in height and in width, at which every layer still has an output.
     *
     * @return pixels
     * @throws IllegalArgumentException as {@link #topology}
     * @throws org.transfer4j.error.TransferException as {@link #topology}
     */
    public int minimumSize() {
        requireEnd();
        return parts.minimumSize;
    }

    /**
     * What the pretrained weights expect to be done to pixels.
     *
     * @return the preprocessing
     */
    public ImagePreprocessing preprocessing() {
        return parts.preprocessing;
    }

    /**
     * Where pretrained weights come from.
     *
     * @return the source, empty where there is none
     */
    public Optional<PretrainedWeights> pretrainedWeights() {
        return Optional.ofNullable(parts.pretrained);
    }

    /**
     * The terms of the weights that are published for the network, whether they can be fetched or only named as a file.
     *
     * @return licence and attribution, of each publisher; empty where none is known
     */
    public Optional<String> licence() {
        return Optional.ofNullable(parts.licence).or(() -> pretrainedWeights().map(PretrainedWeights::licence));
    }

    /**
     * What PyTorch calls the layers, for weights in safetensors files.
     *
     * @return from names of layers to names of modules, once for each program that names them otherwise; empty where
     *     they are not known
     */
    public List<Map<String, String>> torchNames() {
        return parts.torchNames;
    }

    /**
     * The layers at which the network is best frozen or ended: the ends of its blocks. Any other layer will do too
     * through which everything above it passes.
     *
     * @return names from the lowest up, also of what {@link #upTo} leaves out; empty where the descriptor names none
     */
    public List<String> cutPoints() {
        return parts.cutPoints;
    }

    /**
     * The head that a learner puts on it unless it is told another.
     *
     * @return {@link Head#flatten()} unless the descriptor says otherwise
     * @throws IllegalArgumentException as {@link #topology}
     * @throws org.transfer4j.error.TransferException as {@link #topology}
     */
    public Head defaultHead() {
        requireEnd();
        return parts.defaultHead;
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
        return lastLayer == null ? parts.name : parts.name + " up to " + lastLayer;
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
        private @Nullable String licence;
        private List<Map<String, String>> torchNames = List.of();
        private List<String> cutPoints = List.of();
        private Head defaultHead = Head.flatten();

        private Builder(String name, Topology topology) {
            Objects.requireNonNull(name, "name");
            if (name.isBlank()) {
                throw new IllegalArgumentException("a backbone needs a name, got a blank one");
            }
            this.name = name;
            this.topology = Objects.requireNonNull(topology, "topology");
        }

        private Builder(Builder other) {
            name = other.name;
            topology = other.topology;
            height = other.height;
            width = other.width;
            minimumSize = other.minimumSize;
            preprocessing = other.preprocessing;
            pretrained = other.pretrained;
            licence = other.licence;
            torchNames = other.torchNames;
            cutPoints = other.cutPoints;
            defaultHead = other.defaultHead;
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
         * Says under which terms the weights are that are published for the network.
         *
         * @param licence of each publisher; default: that of {@link #pretrained}
         * @return this builder
         */
        public Builder licence(String licence) {
            this.licence = Objects.requireNonNull(licence, "licence");
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
            torchNames = Stream.concat(torchNames.stream(), Stream.of(copy)).toList();
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
         * Sets the head that a learner puts on it unless it is told another.
         *
         * @param head default {@link Head#flatten()}
         * @return this builder
         */
        public Builder defaultHead(Head head) {
            this.defaultHead = Objects.requireNonNull(head, "head");
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
            return new Backbone(this, null, null, true);
        }
    }
}
