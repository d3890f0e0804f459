"""Separable convolutions and PReLU, whose weights each program lays out in its own way, in both of Keras' formats.

    python separable_golden.py ../resources/golden     (Keras 3.15.1)

A small network with hash weights: two separable convolutions, the first with two filters a channel and a bias, slopes of
each position and slopes of each channel.
"""

import keras

from golden_files import output_folder, write_array
from hash_weights import hash_weights
from integer_images import images

HEIGHT, WIDTH = 7, 6


def network():
    layers = keras.layers
    pixels = x = keras.Input((HEIGHT, WIDTH, 3), name="pixels")
    x = layers.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, name="first")(x)
    x = layers.PReLU(name="positions")(x)
    x = layers.SeparableConv2D(4, (3, 2), use_bias=False, name="second")(x)
    x = layers.PReLU(shared_axes=[1, 2], name="channels")(x)
    whole = keras.Model(pixels, x, name="separable")
    for variable in whole.variables:
        variable.assign(hash_weights(variable.path, variable.shape))
    return whole


def main():
    folder = output_folder(__doc__) / "weights" / "formats"
    whole = network()
    whole.save_weights(folder / "separable.weights.h5")
    whole.save(folder / "separable.h5")
    pixels = images(2, HEIGHT, WIDTH).astype("float32") / 255
    write_array(folder / "separable_features.npy", whole.predict(pixels, verbose=0))


if __name__ == "__main__":
    main()
