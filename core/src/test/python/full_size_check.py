"""The backbones at full size and 224x224, for FullSizeParityCheck to compare with.

    python full_size_check.py FOLDER [--imagenet] [BACKBONE...]
    mvn -pl core -am test -Dtest=FullSizeParityCheck -Dsurefire.failIfNoSpecifiedTests=false -Dparity.folder=FOLDER

FOLDER is an absolute path, since the tests run in core. Each backbone's difference is printed.

For each backbone it writes a folder with a weights file (.weights.h5 of Keras 3; of PyTorch's the layout of .h5) and
the features of two images. Weights are hash weights, or with --imagenet those that Keras downloads.
"""

import argparse
from pathlib import Path

import h5py
import keras
import numpy as np

import backbones
import torch_resnet
from golden_files import write_array
from integer_images import images

SIZE = 224
COUNT = 2
ORDER = ("kernel", "gamma", "beta", "moving_mean", "moving_variance")


def of_keras(folder, backbone, imagenet):
    constructor, preprocess = backbones.KERAS[backbone]
    if imagenet:
        network = constructor(weights="imagenet", include_top=False, input_shape=(SIZE, SIZE, 3))
    else:
        network = backbones.network(constructor, SIZE, SIZE)
    network.save_weights(folder / "backbone.weights.h5")
    return network.predict(preprocess(images(COUNT, SIZE, SIZE).astype(np.float32)), verbose=0)


def of_torch(folder, backbone):
    """Kernels become [height, width, in, out], and normalization's vectors are put in Keras' order."""
    network = backbones.PYTORCH[backbone]()
    layers = {}
    for layer, kind, value in torch_resnet.tensors(network):
        layers.setdefault(layer, {})[kind] = value
    with h5py.File(folder / "backbone.h5", "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        for layer, tensors in layers.items():
            group = file.create_group(layer)
            kinds = sorted(tensors, key=ORDER.index)
            group.attrs["weight_names"] = [f"{layer}/{kind}".encode() for kind in kinds]
            for kind in kinds:
                group.create_dataset(f"{layer}/{kind}", data=tensors[kind])
    pixels = backbones.torch_preprocessing(images(COUNT, SIZE, SIZE).astype(np.float32))
    return torch_resnet.features(network, pixels)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--imagenet", action="store_true")
    parser.add_argument("backbones", nargs="*", metavar="BACKBONE", default=backbones.BACKBONES)
    arguments = parser.parse_args()
    for unknown in set(arguments.backbones) - set(backbones.BACKBONES):
        parser.error(f"{unknown} is none of {', '.join(backbones.BACKBONES)}")
    for backbone in arguments.backbones:
        folder = arguments.folder / backbone
        folder.mkdir(parents=True, exist_ok=True)
        if backbone in backbones.PYTORCH:
            features = of_torch(folder, backbone)
        else:
            features = of_keras(folder, backbone, arguments.imagenet)
        write_array(folder / "features.npy", features)
        keras.utils.clear_session()
        print(backbone, features.shape)


if __name__ == "__main__":
    main()
