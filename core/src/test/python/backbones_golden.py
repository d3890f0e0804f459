"""Features of the backbones at full size, and files in which Keras keeps the weights of their lowest layers.

    python backbones_golden.py ../resources/golden [BACKBONE...]
    (Keras 3.15.1, tensorflow-cpu 2.21.0, PyTorch 2.13.0)

Weights are hash weights, preprocessing is each backbone's own. On the way down the images' heights are
odd (33, 17, 9, 5, 3) and their widths even (47, 24, 12, 6, 3), so that padding of either kind shows.
"""

import argparse
from pathlib import Path

import h5py
import keras
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

import backbones
from golden_files import write_array, write_json
from integer_images import images

COUNT = 3
HEIGHT = 33
WIDTH = 47

# backbone: the last layer that is stored
FILES = {"mobileNetV2": "block_2_add", "efficientNetB0": "block2b_add"}


def write_features(folder, backbone):
    features = backbones.features(backbone, images(COUNT, HEIGHT, WIDTH))
    zeros = (features == 0).mean()
    print(f"{backbone}: {features.shape}, {zeros:.0%} zeros, {abs(features).max():.3g} at most")
    write_array(folder / "features.npy", features)


def write_layers(folder, backbone):
    """The names of all layers."""
    constructor, _ = backbones.KERAS[backbone]
    network = constructor(weights=None, include_top=False, input_shape=(224, 224, 3))
    write_json(folder / "layers.json", [layer.name for layer in network.layers])


def write_files(folder, backbone):
    constructor, preprocess = backbones.KERAS[backbone]
    last = FILES[backbone]
    network = backbones.network(constructor, HEIGHT, WIDTH)
    part = keras.Model(network.input, network.get_layer(last).output)
    part.save_weights(folder / "keras3.weights.h5")
    with h5py.File(folder / "legacy.h5", "w") as file:
        save_weights_to_hdf5_group(file, part)
    pixels = preprocess(images(COUNT, HEIGHT, WIDTH).astype("float32"))
    write_array(folder / f"{last}.npy", part.predict(pixels, verbose=0))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("golden", type=Path)
    parser.add_argument("backbones", nargs="*", default=backbones.BACKBONES)
    arguments = parser.parse_args()
    for backbone in arguments.backbones:
        folder = arguments.golden / "backbones" / backbone
        write_features(folder, backbone)
        if backbone in backbones.KERAS:
            write_layers(folder, backbone)
        if backbone in FILES:
            write_files(folder, backbone)


if __name__ == "__main__":
    main()
