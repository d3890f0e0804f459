"""Features of the backbones that torchvision and timm describe, by their own networks at full size.

    python torch_backbones_golden.py ../resources/golden [FOLDER...]    (PyTorch 2.13, torchvision 0.28, timm 1.0.29)

writes torch_backbones/FOLDER/features.npy, one image of 33x47 as in backbones_golden.py. Weights are hash weights by the names
of the modules, each array filled in PyTorch's own order; so a test that writes them by these names checks names, too.
"""

import argparse
import sys
import types
from pathlib import Path

import numpy as np
import torch

from golden_files import write_array
from hash_weights import hash_weights
from integer_images import images

HEIGHT = 33
WIDTH = 47
IMAGENET = (np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225]))
HALVES = (np.full(3, 0.5), np.full(3, 0.5))
# as Keras' network has it: less 128, divided by 128
HALF_OF_256 = (np.full(3, 128 / 255), np.full(3, 128 / 255))

# folder: who makes the network, what he calls it, mean and standard deviation of pixels
NETWORKS = {
    "resNet34": ("torchvision", "resnet34", IMAGENET),
    "resNet101V15": ("torchvision", "resnet101", IMAGENET),
    "resNet152V15": ("torchvision", "resnet152", IMAGENET),
    "vgg16BatchNorm": ("torchvision", "vgg16_bn", IMAGENET),
    "efficientNetB0Torch": ("timm", "efficientnet_b0", IMAGENET),
    "efficientNetB0Torch.torchvision": ("torchvision", "efficientnet_b0", IMAGENET),
    "mobileNetV2Torch.torchvision": ("torchvision", "mobilenet_v2", IMAGENET),
    "mobileNetV2Torch": ("timm", "mobilenetv2_100", IMAGENET),
    "mobileNetV3Large": ("timm", "tf_mobilenetv3_large_100", HALVES),
    "mobileNetV3LargeTorch": ("timm", "mobilenetv3_large_100", IMAGENET),
    "resNeXt50": ("torchvision", "resnext50_32x4d", IMAGENET),
    "regNetY016": ("timm", "regnety_016", IMAGENET),
    "regNetY016.torchvision": ("torchvision", "regnet_y_1_6gf", IMAGENET),
    "hgNetV2B0": ("timm", "hgnetv2_b0", IMAGENET),
    "hgNetV2B4": ("timm", "hgnetv2_b4", IMAGENET),
    "mobileNetV4ConvSmall": ("timm", "mobilenetv4_conv_small", IMAGENET),
    "mobileNetV4ConvMedium": ("timm", "mobilenetv4_conv_medium", IMAGENET),
    "efficientNetV2B0": ("timm", "tf_efficientnetv2_b0", IMAGENET),
    "efficientNetV2S": ("timm", "tf_efficientnetv2_s", HALF_OF_256),
}
# what the bounds of kernels are multiplied by: with wider ones many blocks make a large error of each rounding
FACTORS = {"efficientNetV2S": 0.5}
KINDS = {"weight": "gamma", "scale": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


def created(maker, name):
    # torchvision's compiled operators are not needed
    sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("x"))
    if maker == "timm":
        import timm

        return timm.create_model(name, pretrained=False)
    import torchvision

    return getattr(torchvision.models, name)(weights=None)


def hashed(key, value, state, factor):
    """One array of a network's state."""
    module, _, part = key.rpartition(".")
    shape = tuple(value.shape)
    if len(shape) == 4:
        outs, ins, height, width = shape
        return hash_weights(f"{module}/kernel", (height, width, ins, outs), factor).reshape(shape)
    if len(shape) == 2:
        return hash_weights(f"{module}/kernel", shape)
    convolution = part == "bias" and state.get(f"{module}.weight", value).ndim > 1
    return hash_weights(f"{module}/{'bias' if convolution else KINDS[part]}", shape)


def with_hash_weights(network, factor):
    state = network.state_dict()
    network.load_state_dict(
        {
            key: value if key.endswith("num_batches_tracked") else torch.from_numpy(hashed(key, value, state, factor))
            for key, value in state.items()
        }
    )
    return network.eval()


def last_images(network, pixels):
    """The last images before the top."""
    if hasattr(network, "forward_features"):
        return network.forward_features(pixels)
    if hasattr(network, "features"):
        return network.features(pixels)
    if hasattr(network, "trunk_output"):
        return network.trunk_output(network.stem(pixels))
    children = list(network.children())  # of ResNet, up to the pooling and the dense layer
    return torch.nn.Sequential(*children[:-2])(pixels)


def features(folder):
    maker, name, (mean, deviation) = NETWORKS[folder]
    network = with_hash_weights(created(maker, name), FACTORS.get(folder, 1.0))
    pixels = ((images(1, HEIGHT, WIDTH) / 255 - mean) / deviation).astype(np.float32)
    with torch.no_grad():
        result = last_images(network, torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()))
    return result.numpy().transpose(0, 2, 3, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("golden", type=Path)
    parser.add_argument("folders", nargs="*", default=list(NETWORKS))
    arguments = parser.parse_args()
    for folder in arguments.folders:
        values = features(folder)
        print(f"{folder}: {values.shape}, {(values == 0).mean():.0%} zeros, {abs(values).max():.3g} at most")
        write_array(arguments.golden / "torch_backbones" / folder / "features.npy", values)


if __name__ == "__main__":
    main()
