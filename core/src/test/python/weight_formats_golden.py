"""The same weights in the formats of several programs, which all compute the same with them.

    python weight_formats_golden.py ../resources/golden     (Keras 3.15.1, torch 2.13.0, safetensors 0.8.0)

Two networks with hash weights: the narrow VGG16 of vgg16.py, whose features keras_files_golden.py stores, and a small
one with all that is laid out differently (batch normalization, a depthwise convolution, a dense layer after Flatten).
Each is built in Keras and, with modules called as torchvision calls them, in PyTorch; the script fails where the two
do not agree.
"""

import h5py
import keras
import numpy as np
import torch
from safetensors.torch import save_file

import vgg16
from golden_files import output_folder, write_array
from hash_weights import hash_weights
from integer_images import images
from keras_files_golden import HEAD64_SIZE, SIZE, check_read

LIMIT = 1e-5
MIXED_CHANNELS = 6
MIXED_UNITS = 5
MIXED_SIZE = 8
# the small network's layers in Keras, with the names of the modules in PyTorch
MIXED_MODULES = {
    "conv": "stem.conv",
    "conv_bn": "stem.bn",
    "depthwise": "blocks.0.depthwise",
    "depthwise_bn": "blocks.0.bn",
    "fc": "blocks.1.fc",
}


def mixed(dtype="float32"):
    """Convolution with stride, batch normalization, depthwise convolution, Flatten, dense."""
    layers = keras.layers
    pixels = x = keras.Input((MIXED_SIZE, MIXED_SIZE, 3), name="pixels")
    x = layers.ZeroPadding2D(1, name="pad", dtype=dtype)(x)
    x = layers.Conv2D(MIXED_CHANNELS, 3, 2, use_bias=False, name="conv", dtype=dtype)(x)
    x = layers.BatchNormalization(epsilon=1e-5, name="conv_bn", dtype=dtype)(x)
    x = layers.ReLU(name="conv_relu", dtype=dtype)(x)
    x = layers.DepthwiseConv2D(3, padding="same", name="depthwise", dtype=dtype)(x)
    x = layers.BatchNormalization(epsilon=1e-5, name="depthwise_bn", dtype=dtype)(x)
    x = layers.ReLU(name="depthwise_relu", dtype=dtype)(x)
    x = layers.Flatten(name="flatten", dtype=dtype)(x)
    x = layers.Dense(MIXED_UNITS, name="fc", dtype=dtype)(x)
    network = keras.Model(pixels, x, name="mixed")
    for variable in network.variables:
        variable.assign(mixed_values(variable.path, variable.shape))
    return network


def mixed_values(path, shape):
    """Hash weights; scales and variances are around 1, shifts and means around 0."""
    kind = path.rsplit("/", 1)[1]
    if kind in ("gamma", "moving_variance"):
        return 1 + hash_weights(path, shape) / 5
    if kind in ("beta", "moving_mean"):
        return hash_weights(path, shape) / 10
    return hash_weights(path, shape)


def mixed_torch():
    nn = torch.nn
    channels, area = MIXED_CHANNELS, (MIXED_SIZE // 2) ** 2
    network = nn.Module()
    network.stem = nn.Module()
    network.stem.conv = nn.Conv2d(3, channels, 3, 2, 1, bias=False)
    network.stem.bn = nn.BatchNorm2d(channels)
    block, dense = nn.Module(), nn.Module()
    block.depthwise = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels)
    block.bn = nn.BatchNorm2d(channels)
    dense.fc = nn.Linear(channels * area, MIXED_UNITS)
    network.blocks = nn.ModuleList([block, dense])
    network.classifier = nn.Linear(MIXED_UNITS, 3)

    def forward(x):
        x = torch.relu(network.stem.bn(network.stem.conv(x)))
        x = torch.relu(block.bn(block.depthwise(x)))
        return dense.fc(torch.flatten(x, 1))

    network.forward = forward
    return network.eval()


def vgg16_torch(size):
    """As torchvision's: features, a flatten, and a classifier of one layer."""
    nn = torch.nn
    layers, channels = [], 3
    for filters, count in zip(vgg16.FILTERS_PER_BLOCK, vgg16.CONVOLUTIONS_PER_BLOCK):
        for _ in range(count):
            layers += [nn.Conv2d(channels, filters // vgg16.NARROW_DIVISOR, 3, padding=1), nn.ReLU()]
            channels = filters // vgg16.NARROW_DIVISOR
        layers.append(nn.MaxPool2d(2))
    network = nn.Module()
    network.features = nn.Sequential(*layers)
    network.classifier = nn.Sequential(nn.Linear(channels * (size // 32) ** 2, vgg16.CLASSES))
    network.forward = lambda x: network.features(x)
    return network.eval()


def vgg16_modules():
    names, index = {}, 0
    for block, count in enumerate(vgg16.CONVOLUTIONS_PER_BLOCK, start=1):
        for convolution in range(1, count + 1):
            names[f"block{block}_conv{convolution}"] = f"features.{index}"
            index += 2
        index += 1
    return names


def copy_layer(layer, module, flattened=None):
    """From a layer of Keras to a module of PyTorch; flattened is what a Flatten before it flattens."""
    with torch.no_grad():
        values = [torch.from_numpy(np.asarray(value)) for value in layer.get_weights()]
        if isinstance(layer, keras.layers.BatchNormalization):
            targets = [module.weight, module.bias, module.running_mean, module.running_var]
            for target, value in zip(targets, values, strict=True):
                target.copy_(value)
            module.num_batches_tracked.fill_(7)
            return
        kernel = values[0]
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            kernel = kernel.permute(2, 3, 0, 1)
        elif isinstance(layer, keras.layers.Conv2D):
            kernel = kernel.permute(3, 2, 0, 1)
        elif flattened:
            kernel = kernel.reshape(*flattened, -1).permute(3, 2, 0, 1).flatten(1)
        else:
            kernel = kernel.T
        module.weight.copy_(kernel)
        if len(values) > 1:
            module.bias.copy_(values[1])


def channels_first(pixels):
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))


def check_equal(actual, expected):
    actual = actual.detach().numpy()
    if actual.ndim == 4:
        actual = actual.transpose(0, 2, 3, 1)
    error = np.linalg.norm(actual - expected) / np.linalg.norm(expected)
    if not error < LIMIT:
        raise AssertionError(f"PyTorch differs from Keras by {error}")


def save(network, path, dtype=None):
    state = {
        name: value.to(dtype) if dtype and value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }
    save_file({name: value.contiguous() for name, value in state.items()}, path, metadata={"format": "pt"})


def write_vgg16(files):
    for size, name in ((SIZE, "vgg16"), (HEAD64_SIZE, "vgg16_64")):
        trunk = vgg16.narrow(size)
        full = vgg16.with_head(trunk)
        network = vgg16_torch(size)
        for layer, module in vgg16_modules().items():
            copy_layer(trunk.get_layer(layer), network.get_submodule(module))
        copy_layer(full.get_layer("predictions"), network.classifier[0], trunk.output.shape[1:])
        pixels = vgg16.unit(images(2, size, size))
        features = network(channels_first(pixels))
        check_equal(features, trunk.predict(pixels, verbose=0))
        predictions = torch.softmax(network.classifier(torch.flatten(features, 1)), 1)
        check_equal(predictions, full.predict(pixels, verbose=0))
        save(network, files / f"{name}.safetensors")
    full = vgg16.with_head(vgg16.narrow(SIZE))
    full.compile(keras.optimizers.SGD(), loss="categorical_crossentropy")
    full.save(files / "vgg16.keras")
    keras.models.load_model(files / "vgg16.keras")


def write_mixed(files, results):
    network, other = mixed(), mixed_torch()
    for layer, module in MIXED_MODULES.items():
        flattened = (MIXED_SIZE // 2, MIXED_SIZE // 2, MIXED_CHANNELS) if layer == "fc" else None
        copy_layer(network.get_layer(layer), other.get_submodule(module), flattened)
    pixels = vgg16.unit(images(4, MIXED_SIZE, MIXED_SIZE))
    features = network.predict(pixels, verbose=0)
    check_equal(other(channels_first(pixels)), features)
    write_array(results / "pixels.npy", np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))
    write_array(results / "features.npy", features)
    network.save(files / "mixed.keras")
    network.save_weights(files / "mixed.weights.h5")
    check_read(files / "mixed.weights.h5", network)
    network.save(files / "mixed.h5")
    types = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float64": torch.float64}
    save(other, files / "mixed.safetensors")
    for name, dtype in types.items():
        save(other, files / f"mixed_{name}.safetensors", dtype)
    for name in ("float16", "bfloat16"):
        mixed(name).save_weights(files / f"mixed_{name}.weights.h5")
    with h5py.File(files / "mixed_bfloat16.weights.h5") as file:
        assert file["layers/dense/vars/0"].dtype == np.dtype("V2")


def main():
    golden = output_folder(__doc__)
    files = golden / "weights" / "formats"
    files.mkdir(parents=True, exist_ok=True)
    write_vgg16(files)
    write_mixed(files, golden / "mixed")


if __name__ == "__main__":
    main()
