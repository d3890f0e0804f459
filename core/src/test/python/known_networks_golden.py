"""The names and shapes of the weights of published networks, without the weights.

    python known_networks_golden.py ../resources/golden torch    (PyTorch 2.13, torchvision 0.28, timm 1.0.29)
    python known_networks_golden.py ../resources/golden keras    (Keras 3.15.1, tensorflow-cpu 2.21.0)

writes known_networks/torch.txt.gz and known_networks/keras.txt.gz: a line "# name | program" for each network, then a line
for each layer, its name and the shapes of its arrays, in the order weight, bias, running mean, running variance. Of some
of Keras' there is a file as Keras' own downloads are, NAME.h5.gz, whose arrays were never written: they take no room.
"""

import gzip
import io
import sys
import types
from pathlib import Path

VGG = [(f"VGG-{n}", f"vgg{n}") for n in (11, 13, 16, 19)]
VGG_BN = [(f"VGG-{n} with batch normalization", f"vgg{n}_bn") for n in (11, 13, 16, 19)]
TIMM = [
    ("ResNet-18", "resnet18"),
    ("ResNet-34", "resnet34"),
    ("ResNet-26", "resnet26"),
    ("ResNet-50 v1.5", "resnet50"),
    ("ResNet-101 v1.5", "resnet101"),
    ("ResNet-152 v1.5", "resnet152"),
    ("Wide ResNet-50-2", "wide_resnet50_2"),
    ("Wide ResNet-101-2", "wide_resnet101_2"),
    ("ResNeXt-50 32x4d", "resnext50_32x4d"),
    ("ResNeXt-101 32x4d", "resnext101_32x4d"),
    ("ResNeXt-101 32x8d", "resnext101_32x8d"),
    ("ResNeXt-101 64x4d", "resnext101_64x4d"),
    ("SE-ResNet-50", "seresnet50"),
    ("ResNet-50-D", "resnet50d"),
    ("DenseNet-121", "densenet121"),
    ("DenseNet-161", "densenet161"),
    ("DenseNet-169", "densenet169"),
    ("DenseNet-201", "densenet201"),
    ("MobileNet", "mobilenetv1_100"),
    ("MobileNetV2", "mobilenetv2_100"),
    ("MobileNetV2", "mobilenetv2_140"),
    ("MobileNetV3-Large", "mobilenetv3_large_100"),
    ("MobileNetV3-Small", "mobilenetv3_small_100"),
    ("MobileNetV4-conv-small", "mobilenetv4_conv_small"),
    ("MobileNetV4-conv-medium", "mobilenetv4_conv_medium"),
    ("MobileNetV4-conv-large", "mobilenetv4_conv_large"),
    ("MobileNetV4-hybrid-medium", "mobilenetv4_hybrid_medium"),
    *[(f"EfficientNet-B{n}", f"efficientnet_b{n}") for n in range(8)],
    *[(f"EfficientNetV2-B{n}", f"tf_efficientnetv2_b{n}") for n in range(4)],
    ("EfficientNetV2-S", "tf_efficientnetv2_s"),
    ("EfficientNetV2-M", "tf_efficientnetv2_m"),
    *[(f"HGNetV2-B{n}", f"hgnetv2_b{n}") for n in range(7)],
    ("RegNetY-800MF", "regnety_008"),
    ("RegNetY-1.6GF", "regnety_016"),
    ("RegNetY-3.2GF", "regnety_032"),
    ("ConvNeXt-T", "convnext_tiny"),
    ("ConvNeXt-S or -B", "convnext_small"),
    ("ConvNeXt-S or -B", "convnext_base"),
    ("ConvNeXtV2-T", "convnextv2_tiny"),
    ("a vision transformer (ViT)", "vit_small_patch16_224"),
    ("a vision transformer (ViT)", "vit_small_patch14_dinov2"),
    ("a Swin transformer", "swin_tiny_patch4_window7_224"),
    ("Inception v3", "inception_v3"),
]
TORCHVISION = [
    ("AlexNet", "alexnet"),
    ("SqueezeNet", "squeezenet1_1"),
    ("VGG-16", "vgg16"),
    ("VGG-16 with batch normalization", "vgg16_bn"),
    ("ResNet-18", "resnet18"),
    ("ResNet-50 v1.5", "resnet50"),
    ("DenseNet-121", "densenet121"),
    ("MobileNetV2", "mobilenet_v2"),
    ("MobileNetV3-Large", "mobilenet_v3_large"),
    ("MobileNetV3-Small", "mobilenet_v3_small"),
    ("EfficientNet-B0", "efficientnet_b0"),
    ("EfficientNetV2-S", "efficientnet_v2_s"),
    ("RegNetY-1.6GF", "regnet_y_1_6gf"),
    ("ConvNeXt-T", "convnext_tiny"),
    ("a vision transformer (ViT)", "vit_b_16"),
    ("Inception v3", "inception_v3"),
]
KERAS = (
    "VGG16 VGG19 ResNet50 ResNet101 ResNet152 ResNet50V2 ResNet101V2 MobileNet MobileNetV2 MobileNetV3Small"
    " MobileNetV3Large DenseNet121 DenseNet169 DenseNet201 EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3"
    " EfficientNetB4 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S Xception"
).split()
FILES = ["VGG19", "ResNet50", "ResNet101", "MobileNet", "DenseNet169", "EfficientNetB1"]
ORDER = ["weight", "bias", "running_mean", "running_var"]


def shape_text(shape):
    return "x".join(map(str, shape)) or "1"


def torch_layers(model):
    modules = {}
    for key, value in model.state_dict().items():
        module, _, part = key.rpartition(".")
        if part != "num_batches_tracked":
            modules.setdefault(module or key, []).append((ORDER.index(part) if part in ORDER else 9, shape_text(value.shape)))
    for module, arrays in modules.items():
        yield module + " " + " ".join(shape for _, shape in sorted(arrays))


def torch_networks():
    # torchvision's compiled operators are not needed
    sys.modules.setdefault("torchvision._meta_registrations", types.ModuleType("x"))
    import timm
    import torch
    import torchvision

    for program, create, networks in (
        ("timm", timm.create_model, VGG + VGG_BN + TIMM),
        ("torchvision", lambda call: getattr(torchvision.models, call)(weights=None), TORCHVISION),
    ):
        for name, call in networks:
            # RegNet is drawn by torch itself, and so can't be without numbers
            with torch.device("cpu" if call.startswith("regnet") else "meta"):
                yield f"# {name} | {program}"
                yield from torch_layers(create(call))


def write_file(path, model):
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w", libver="latest") as file:
        layers = [layer for layer in model.layers if layer.weights]
        file.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights):
                group.create_dataset(name, shape=weight.shape, dtype="float32")
    path.write_bytes(gzip.compress(content.getvalue(), 9, mtime=0))


def keras_networks(folder):
    import keras

    for name in KERAS:
        yield f"# {name} | Keras"
        model = getattr(keras.applications, name)(weights=None, include_top=False)
        for layer in model.layers:
            if layer.weights and type(layer).__name__ != "Normalization":
                yield layer.name + " " + " ".join(shape_text(weight.shape) for weight in layer.weights)
        if name in FILES:
            write_file(folder / f"{name}.h5.gz", model)
        keras.backend.clear_session()


def main():
    folder = Path(sys.argv[1]) / "known_networks"
    folder.mkdir(parents=True, exist_ok=True)
    lines = torch_networks() if sys.argv[2] == "torch" else keras_networks(folder)
    text = "\n".join(lines) + "\n"
    (folder / f"{sys.argv[2]}.txt.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
