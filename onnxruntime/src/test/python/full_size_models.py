"""The networks that are published most, at full size with generated weights, as ONNX models: for FullSizeModels.java.

    python full_size_models.py FOLDER [NAME...]
    (PyTorch 2.13, timm 1.0.29, transformers 5.18, keras 3.15.1, onnx 1.23.1, onnxruntime 1.30.0, numpy 2.4.6)

writes FOLDER/images_SIDE.npy, [2, 3, SIDE, SIDE], and for each model NAME.onnx, NAME.npy, its features of these images by
Python's ONNX Runtime as the model gives them, and NAME.txt: the side, how the features lie (image, vector, tokens, nhwc), and how
far ONNX Runtime and PyTorch lie apart (relative L2).
"""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import timm
import torch

from onnx_models_golden import Forward, export, generated, run

# name: timm's name, side, method (forward without a classifier, or forward_features)
TIMM = {
    "dinov2_vits14": ("vit_small_patch14_dinov2", 518, "forward"),
    "dinov2_vits14_registers": ("vit_small_patch14_reg4_dinov2", 518, "forward_features"),
    "vit_b16": ("vit_base_patch16_224", 224, "forward_features"),
    "siglip2_b16": ("vit_base_patch16_siglip_224.v2_webli", 224, "forward"),
    "clip_b32": ("vit_base_patch32_clip_224", 224, "forward"),
    "convnext_tiny": ("convnext_tiny", 224, "forward_features"),
    "swin_tiny": ("swin_tiny_patch4_window7_224", 224, "forward"),
    "deit_small": ("deit_small_patch16_224", 224, "forward_features"),
    "efficientnetv2_s": ("efficientnetv2_rw_s", 288, "forward_features"),
    "mobilenetv4_small": ("mobilenetv4_conv_small", 224, "forward_features"),
    "regnety_016": ("regnety_016", 224, "forward_features"),
    "inception_v3": ("inception_v3", 299, "forward_features"),
    "resnet50": ("resnet50", 224, "forward_features"),
    "mobilenetv3_large": ("mobilenetv3_large_100", 224, "forward_features"),
    "hgnetv2_b0": ("hgnetv2_b0", 224, "forward_features"),
    "densenet121": ("densenet121", 224, "forward_features"),
    "resnet18_batch_one": ("resnet18", 224, "forward_features"),
    "resnet18_float16": ("resnet18", 224, "forward_features"),
}


def images(side):
    return np.random.default_rng(side).normal(0, 1, (2, 3, side, side)).astype(np.float32)


def apart(a, b):
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def write(folder, name, side, layout, features, torchs):
    np.save(folder / f"images_{side}.npy", images(side))
    np.save(folder / f"{name}.npy", features)
    (folder / f"{name}.txt").write_text(f"{side} {layout} {apart(features, torchs):.3g}\n")
    print(name, features.shape, "from PyTorch", f"{apart(features, torchs):.3g}", flush=True)


def of_timm(folder, name):
    timm_name, side, method = TIMM[name]
    network = generated(timm.create_model(timm_name.split(".")[0], pretrained=False, num_classes=0))
    # eval, for the exporter leaves a network in the mode that it found
    network = Forward(network, method).eval()
    given = torch.from_numpy(images(side))
    file = folder / f"{name}.onnx"
    if name.endswith("batch_one"):
        export(network, file, given[:1], ())
    elif name.endswith("float16"):
        export(network.half(), file, given.half())
        network = network.float()
    else:
        export(network, file, given)
    features = run(str(file), images(side))
    with torch.no_grad():
        torchs = network(given).numpy()
    layout = {2: "vector", 3: "tokens", 4: "image"}[features.ndim]
    write(folder, name, side, layout, features, torchs)


def of_transformers(folder, name):
    import transformers

    side = 224
    network = transformers.SiglipVisionModel(transformers.SiglipVisionConfig(image_size=side, patch_size=16))
    network = generated(network)
    given = torch.from_numpy(images(side))
    file = folder / f"{name}.onnx"

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = network

        def forward(self, pixel_values):
            out = self.network(pixel_values)
            return out.last_hidden_state, out.pooler_output

    torch.onnx.export(
        Pooled(),
        (given,),
        file,
        dynamo=False,
        opset_version=17,
        input_names=["pixel_values"],
        output_names=["last_hidden_state", "pooler_output"],
        dynamic_axes={"pixel_values": {0: "N"}},
    )
    with torch.no_grad():
        torchs = Pooled()(given)[1].numpy()
    write(folder, name, side, "vector", run(str(file), images(side)), torchs)


def of_keras(folder, name):
    import keras

    side = 224
    keras.utils.set_random_seed(3)
    network = keras.applications.EfficientNetV2B0(weights=None, include_top=False, input_shape=(side, side, 3))
    last = images(side).transpose(0, 2, 3, 1)
    torchs = keras.ops.convert_to_numpy(network(last))
    file = folder / f"{name}.onnx"
    network.export(str(file), format="onnx", verbose=False)
    write(folder, name, side, "nhwc", run(str(file), images(side)), torchs)


def main(folder, *names):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or [*TIMM, "siglip_transformers", "efficientnetv2_keras"]:
        if name == "siglip_transformers":
            of_transformers(folder, name)
        elif name == "efficientnetv2_keras":
            of_keras(folder, name)
        else:
            of_timm(folder, name)


if __name__ == "__main__":
    main(*sys.argv[1:])
