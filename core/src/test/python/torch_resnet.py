"""ResNet without top as torchvision has it, written anew in PyTorch, with the layer names of this library."""

import torch
from torch import nn

from hash_weights import hash_weights

STAGE_WIDTHS = (64, 128, 256, 512)
KINDS_OF_NORMALIZATION = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


class Block(nn.Module):
    """Two 3x3 convolutions, or 1x1, 3x3, 1x1 (a bottleneck) with the stride in the 3x3."""

    def __init__(self, inputs, width, outputs, stride, bottleneck):
        super().__init__()
        sizes = ((1, 1), (3, stride), (1, 1)) if bottleneck else ((3, stride), (3, 1))
        channels = (inputs, width, width, outputs) if bottleneck else (inputs, width, outputs)
        self.convolutions = len(sizes)
        for number, (size, step) in enumerate(sizes, start=1):
            self.add(number, channels[number - 1], channels[number], size, step)
        self.shortcut = stride != 1 or inputs != outputs
        if self.shortcut:
            self.add(0, inputs, outputs, 1, stride)

    def add(self, number, inputs, outputs, size, stride):
        convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.add_module(f"{number}_conv", convolution)
        self.add_module(f"{number}_bn", nn.BatchNorm2d(outputs))

    def apply_pair(self, number, x):
        return getattr(self, f"{number}_bn")(getattr(self, f"{number}_conv")(x))

    def forward(self, x):
        y = x
        for number in range(1, self.convolutions + 1):
            y = self.apply_pair(number, y)
            if number < self.convolutions:
                y = torch.relu(y)
        return torch.relu(y + (self.apply_pair(0, x) if self.shortcut else x))


class ResNet(nn.Module):
    def __init__(self, blocks, bottleneck):
        super().__init__()
        self.conv1_conv = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.conv1_bn = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.blocks = []
        channels = 64
        for stage, (width, count) in enumerate(zip(STAGE_WIDTHS, blocks)):
            outputs = width * (4 if bottleneck else 1)
            for block in range(1, count + 1):
                stride = 2 if stage > 0 and block == 1 else 1
                name = f"conv{stage + 2}_block{block}"
                self.add_module(name, Block(channels, width, outputs, stride, bottleneck))
                self.blocks.append(name)
                channels = outputs

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1_bn(self.conv1_conv(x))))
        for name in self.blocks:
            x = getattr(self, name)(x)
        return x


def named(key):
    """This library's name of a layer, and PyTorch's of the tensor."""
    return key.replace(".", "_", key.count(".") - 1).rsplit(".", 1)


def tensors(network):
    """All tensors: the layer's name, the tensor's in Keras, the values in Keras' order."""
    for key, value in network.state_dict().items():
        layer, kind = named(key)
        if value.ndim == 4:
            yield layer, "kernel", value.numpy().transpose(2, 3, 1, 0)
        elif kind != "num_batches_tracked":
            yield layer, KINDS_OF_NORMALIZATION[kind], value.numpy()


def with_hash_weights(network):
    """Sets all weights by this library's names, from tensors in Keras' layout."""
    values = {}
    for key, value in network.state_dict().items():
        layer, kind = named(key)
        if kind == "num_batches_tracked":
            values[key] = value
        elif value.ndim == 4:
            out, ins, height, width = value.shape
            kernel = hash_weights(f"{layer}/kernel", (height, width, ins, out))
            values[key] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
        else:
            name = f"{layer}/{KINDS_OF_NORMALIZATION[kind]}"
            values[key] = torch.from_numpy(hash_weights(name, tuple(value.shape)))
    network.load_state_dict(values)
    return network.eval()


def resnet18():
    return with_hash_weights(ResNet((2, 2, 2, 2), bottleneck=False))


def resnet50():
    return with_hash_weights(ResNet((3, 4, 6, 3), bottleneck=True))


def features(network, pixels):
    """Features of preprocessed images, both with channels last."""
    with torch.no_grad():
        result = network(torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()))
    return result.numpy().transpose(0, 2, 3, 1)
