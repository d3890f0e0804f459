"""What Keras' preprocessing modes make of pixels: all 256 values in each channel, and fractional ones.

    python preprocessing_golden.py ../resources/golden      (Keras 3.15.1 on TensorFlow 2.21, NumPy 2.4)

writes preprocessing/input.npy, [512, 3] in the order R, G, B, and preprocessing/MODE.npy of the same
shape. Keras computes on NumPy arrays and on tensors by different code; both must give the same bits.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras.applications.imagenet_utils import preprocess_input


def pixels():
    value = np.arange(256)
    whole = np.stack([value, (value * 7 + 3) % 256, 255 - value], axis=1).astype(np.float32)
    fractional = whole * np.float32(0.997) + np.float32(0.13)
    return np.concatenate([whole, fractional])


def on_arrays(mode, image):
    if mode == "unit":
        return image / np.float32(255)
    return preprocess_input(image.copy(), data_format="channels_last", mode=mode)


def on_tensors(mode, image):
    tensor = keras.ops.convert_to_tensor(image)
    if mode == "unit":
        return np.asarray(tensor / 255.0)
    return np.asarray(preprocess_input(tensor, data_format="channels_last", mode=mode))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("golden", type=Path, help="folder that receives the golden files")
    folder = parser.parse_args().golden / "preprocessing"
    folder.mkdir(parents=True, exist_ok=True)
    image = pixels().reshape(1, -1, 1, 3)
    np.save(folder / "input.npy", image.reshape(-1, 3))
    for mode in ("unit", "tf", "torch", "caffe"):
        arrays, tensors = on_arrays(mode, image), on_tensors(mode, image)
        assert arrays.dtype == tensors.dtype == np.float32
        assert (arrays == tensors).all(), mode
        np.save(folder / f"{mode}.npy", tensors.reshape(-1, 3))


if __name__ == "__main__":
    main()
