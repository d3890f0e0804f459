"""The backbones at full size, filled with hash weights, each with its own preprocessing."""

import math

import keras
import numpy as np

import torch_resnet
from hash_weights import hash_weights

apps = keras.applications
MEAN = np.array([0.485, 0.456, 0.406])
DEVIATION = np.array([0.229, 0.224, 0.225])


def with_hash_weights(network, kernels=1.0):
    """Sets the weights of all layers by name; the bounds of kernels are multiplied by a factor.

    Normalization gets what makes it, after the division by 255, the preprocessing called torch.
    """
    for layer in network.layers:
        if isinstance(layer, keras.layers.Normalization) and layer.weights:
            layer.set_weights([MEAN, DEVIATION**2, np.zeros(())])
            layer.finalize_state()
            continue
        for variable in layer.variables:
            factor = 1.0
            if variable.name == "kernel":
                factor = kernels
            if isinstance(layer, keras.layers.DepthwiseConv2D) and variable.name == "kernel":
                factor *= math.sqrt(variable.shape[2])  # each output sees one channel
            variable.assign(hash_weights(variable.path, variable.shape, factor))
    return network


def network(constructor, height, width, kernels=1.0):
    made = constructor(weights=None, include_top=False, input_shape=(height, width, 3))
    return with_hash_weights(made, kernels)


def raw(images):
    return images


def torch_preprocessing(images):
    return apps.imagenet_utils.preprocess_input(images, mode="torch").astype(np.float32)


KERAS = {
    "vgg19": (apps.VGG19, apps.vgg19.preprocess_input),
    "resNet50": (apps.ResNet50, apps.resnet50.preprocess_input),
    "mobileNetV2": (apps.MobileNetV2, apps.mobilenet_v2.preprocess_input),
    "efficientNetB0": (apps.EfficientNetB0, raw),
    "mobileNetV3Large": (apps.MobileNetV3Large, raw),
    "efficientNetV2B0": (apps.EfficientNetV2B0, raw),
    "denseNet121": (apps.DenseNet121, apps.densenet.preprocess_input),
}
# what the bounds of kernels are multiplied by: with wider ones many blocks make a large error of each rounding
FACTORS = {"efficientNetV2B0": 0.5}
PYTORCH = {"resNet50V15": torch_resnet.resnet50, "resNet18": torch_resnet.resnet18}
BACKBONES = [*KERAS, *PYTORCH]


def features(backbone, images):
    """Features [N, h, w, C] of uint8 RGB images."""
    pixels = images.astype(np.float32)
    if backbone in PYTORCH:
        return torch_resnet.features(PYTORCH[backbone](), torch_preprocessing(pixels))
    constructor, preprocess = KERAS[backbone]
    return network(constructor, *images.shape[1:3], FACTORS.get(backbone, 1.0)).predict(preprocess(pixels), verbose=0)
