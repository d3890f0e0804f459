"""VGG16 in full and in a narrow form, filled with hash weights."""

import keras
import numpy as np

from hash_weights import hash_weights

CLASSES = 10
CONVOLUTIONS_PER_BLOCK = (2, 2, 3, 3, 3)
FILTERS_PER_BLOCK = (64, 128, 256, 512, 512)
NARROW_DIVISOR = 32


def full(size):
    """Keras' own VGG16 without top for square images."""
    network = keras.applications.VGG16(
        weights=None, include_top=False, input_shape=(size, size, 3)
    )
    return with_hash_weights(network)


def narrow(size):
    """VGG16 without top with the names of the full one and a thirty-second of its filters."""
    pixels = x = keras.Input((size, size, 3), name="input_layer")
    for block, filters in enumerate(FILTERS_PER_BLOCK, start=1):
        for convolution in range(1, CONVOLUTIONS_PER_BLOCK[block - 1] + 1):
            x = keras.layers.Conv2D(
                filters // NARROW_DIVISOR,
                3,
                padding="same",
                activation="relu",
                name=f"block{block}_conv{convolution}",
            )(x)
        x = keras.layers.MaxPooling2D(name=f"block{block}_pool")(x)
    return with_hash_weights(keras.Model(pixels, x, name="narrow_vgg16"))


def with_head(trunk, hidden=None, predictions_factor=1.0):
    """Flatten, dense layers ({name: units}), and a softmax over the classes on top of a trunk."""
    x = keras.layers.Flatten(name="flatten")(trunk.output)
    for name, units in (hidden or {}).items():
        x = keras.layers.Dense(units, activation="relu", name=name)(x)
    x = keras.layers.Dense(CLASSES, activation="softmax", name="predictions")(x)
    network = keras.Model(trunk.input, x, name=trunk.name)
    return with_hash_weights(network, predictions_factor)


def with_hash_weights(network, predictions_factor=1.0):
    """Sets all kernels and biases by name; the factor multiplies the softmax kernel's bound."""
    for variable in network.variables:
        factor = predictions_factor if variable.path == "predictions/kernel" else 1.0
        variable.assign(hash_weights(variable.path, variable.shape, factor))
    return network


def unit(images):
    """uint8 RGB to 0..1."""
    return images.astype(np.float32) / np.float32(255)


def caffe(images):
    """uint8 RGB to BGR less the ImageNet means."""
    return keras.applications.vgg16.preprocess_input(images.astype(np.float32))


PREPROCESSINGS = {"unit": unit, "caffe": caffe}
