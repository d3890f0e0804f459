"""Networks that Keras does not have, as the library has them."""

import keras
from keras import layers


def batchnorm(shape):
    """Three blocks of two 3x3 convolutions, batch normalization and ReLU, and a pooling."""
    inputs = outputs = layers.Input(shape)
    for block, filters in enumerate([32, 64, 128], 1):
        for convolution in (1, 2):
            name = f"block{block}_conv{convolution}"
            outputs = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name)(outputs)
            outputs = layers.BatchNormalization(name=name + "_bn")(outputs)
            outputs = layers.ReLU(name=name + "_relu")(outputs)
        outputs = layers.MaxPooling2D(name=f"block{block}_pool")(outputs)
    return keras.Model(inputs, outputs)


def tinyresnet(shape):
    """The library's tinyResNet: a stem, four residual blocks, a wider end."""

    def normalized(below, filters, kernel, strides=1):
        # zeros on both sides, as in the library's network
        padded = layers.ZeroPadding2D(kernel // 2)(below) if strides > 1 and kernel > 1 else below
        padding = "same" if padded is below else "valid"
        below = layers.Conv2D(filters, kernel, strides, padding=padding, use_bias=False)(padded)
        return layers.BatchNormalization(epsilon=1e-5, momentum=0.9)(below)

    inputs = layers.Input(shape)
    outputs = layers.ReLU()(normalized(inputs, 32, 3, 2))
    for filters, strides in [(48, 1), (96, 2), (192, 2), (192, 1)]:
        widens = outputs.shape[-1] != filters or strides > 1
        shortcut = normalized(outputs, filters, 1, strides) if widens else outputs
        outputs = layers.ReLU()(normalized(outputs, filters, 3, strides))
        outputs = layers.ReLU()(layers.Add()([shortcut, normalized(outputs, filters, 3)]))
    return keras.Model(inputs, layers.ReLU()(normalized(outputs, 512, 1)))
