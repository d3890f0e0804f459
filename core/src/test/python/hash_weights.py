"""Network weights from an integer hash, so that no weight file needs to be stored.

The value of a weight depends on the tensor's name ("block1_conv1/kernel"), on the flat index i in
Keras' own order (C order; convolution kernels are [height, width, in, out], dense [in, out]) and
on a bound:

    hash  = splitmix64(fnv1a64(name) + i * 0x9E3779B97F4A7C15)    modulo 2^64
    unit  = (hash >> 40) / 2^24                                   in [0, 1)
    value = float32((2 * unit - 1) * bound + centre)              computed in float64

The centre is 1 for what batch normalization multiplies and divides by, else 0.

Run as a script in its folder, it writes weights/hash_weights.json, which checks a port to another language:

    python hash_weights.py ../resources/golden     (NumPy 1.24 or 2.4; no other library)
"""

import math

import numpy as np

from golden_files import output_folder, write_json

GOLDEN_GAMMA = 0x9E3779B97F4A7C15
BIAS_BOUND = 0.05
NORMALIZATION_BOUNDS = {
    "gamma": 0.25,
    "beta": 0.1,
    "moving_mean": 0.1,
    "moving_variance": 0.25,
}
AROUND_ONE = ("gamma", "moving_variance")

EXAMPLES = {
    "block1_conv1/kernel": (3, 3, 3, 64),
    "block1_conv1/bias": (64,),
    "block4_conv1/kernel": (3, 3, 256, 512),
    "block5_conv3/kernel": (3, 3, 512, 512),
    "fc1/kernel": (32, 8),
    "predictions/kernel": (25088, 10),
    "predictions/bias": (10,),
    "conv1_bn/gamma": (64,),
    "conv1_bn/beta": (64,),
    "conv1_bn/moving_mean": (64,),
    "conv1_bn/moving_variance": (64,),
}


def fnv1a64(name):
    digest = 0xCBF29CE484222325
    for byte in name.encode("utf-8"):
        digest = ((digest ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return digest


def splitmix64(z):
    """The finalizer of SplitMix64 for an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hashes(name, count):
    """The 64-bit hashes of the flat indices 0 to count - 1 of one tensor."""
    index = np.arange(count, dtype=np.uint64)
    return splitmix64(np.uint64(fnv1a64(name)) + index * np.uint64(GOLDEN_GAMMA))


def bound(name, shape):
    """He uniform for kernels, Glorot uniform for the softmax layer's, a constant for biases."""
    layer, kind = name.rsplit("/", 1)
    if kind == "bias":
        return BIAS_BOUND
    if kind in NORMALIZATION_BOUNDS:
        return NORMALIZATION_BOUNDS[kind]
    fan_in = math.prod(shape[:-1])
    if layer == "predictions":
        return math.sqrt(6 / (fan_in + shape[-1]))
    return math.sqrt(6 / fan_in)


def centre(name):
    return 1.0 if name.rsplit("/", 1)[1] in AROUND_ONE else 0.0


def hash_weights(name, shape, factor=1.0):
    """The tensor of that name and shape; factor multiplies its bound."""
    unit = (hashes(name, math.prod(shape)) >> np.uint64(40)).astype(np.float64) / 2**24
    values = (2 * unit - 1) * (bound(name, shape) * factor) + centre(name)
    return values.astype(np.float32).reshape(shape)


def example(name, shape):
    values = hash_weights(name, shape).ravel()
    last = values.size - 1
    return {
        "name": name,
        "shape": shape,
        "bound": bound(name, shape),
        "fnv1a64": f"{fnv1a64(name):016x}",
        "firstHash": f"{int(hashes(name, 1)[0]):016x}",
        "firstValues": values[:8].tolist(),
        "lastIndex": last,
        "lastValue": float(values[last]),
    }


def main():
    golden = output_folder(__doc__)
    examples = [example(name, shape) for name, shape in EXAMPLES.items()]
    write_json(golden / "weights" / "hash_weights.json", examples)


if __name__ == "__main__":
    main()
