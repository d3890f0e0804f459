"""Small ONNX models of the families that are published, with generated weights, and what Python's ONNX Runtime makes of them.

    python onnx_models_golden.py ../resources/golden
    (PyTorch 2.13, timm 1.0.29, onnx 1.23.1, onnxruntime 1.30.0, numpy 2.4.6; keras 3.15.1 for keras_nhwc)

writes images.npy, [4, 3, 32, 32], and for each model NAME.onnx and NAME.npy, its features of these images as the model gives
them. The networks are timm's and Keras' own classes, only narrower and with fewer blocks.
"""

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import onnx
import onnxruntime
import timm
import torch

SIDE = 32
OPSET = 17


class Forward(torch.nn.Module):
    """A network by one of its methods."""

    def __init__(self, network, method):
        super().__init__()
        self.network = network
        self.method = method

    def forward(self, images):
        return getattr(self.network, self.method)(images)


class ChannelsLast(torch.nn.Module):
    """A network for images [N, H, W, C], which gives such images."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        return self.network(images.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


def generated(network, seed=7):
    """Fills weights and running statistics: large enough that each block changes the features."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, value in list(network.named_parameters()) + list(network.named_buffers()):
            if not value.is_floating_point():
                continue
            if name.endswith("running_var"):
                value.copy_(torch.rand_like(value) + 0.5)
            elif value.ndim == 1:
                one = name.endswith("weight") or name.endswith("gamma")
                value.copy_((1.0 if one else 0.0) + 0.1 * torch.randn_like(value))
            else:
                fan_in = value[0].numel() if value.ndim > 1 else 1
                value.copy_(torch.randn_like(value) / max(1, fan_in) ** 0.5)
    return network.eval()


def export(network, file, example, dynamic=("batch",), **more):
    axes = {0: "batch"} if "batch" in dynamic else {}
    if "size" in dynamic:
        axes |= {2: "height", 3: "width"}
    torch.onnx.export(
        network,
        (example,),
        file,
        dynamo=False,
        opset_version=OPSET,
        input_names=["pixel_values"],
        output_names=["features"],
        dynamic_axes={"pixel_values": axes, "features": {0: "batch"}} if axes else None,
        **more,
    )


def vit(**more):
    return generated(
        timm.models.vision_transformer.VisionTransformer(
            img_size=SIDE, patch_size=8, embed_dim=48, depth=2, num_heads=3, num_classes=0, **more
        )
    )


def convnext():
    return generated(timm.models.convnext.ConvNeXt(depths=(1, 1, 2, 1), dims=(8, 16, 24, 32), num_classes=0))


def run(file, images):
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    if session.get_inputs()[0].type == "tensor(float16)":
        images = images.astype(np.float16)
    if session.get_inputs()[0].shape[3] == 3:
        images = images.transpose(0, 2, 3, 1)
    batch = session.get_inputs()[0].shape[0]
    parts = [images[i : i + 1] for i in range(len(images))] if batch == 1 else [images]
    return np.concatenate([session.run(None, {name: part})[-1] for part in parts]).astype(np.float32)


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    images = np.random.default_rng(42).normal(0, 1, (4, 3, SIDE, SIDE)).astype(np.float32)
    np.save(folder / "images.npy", images)
    example = torch.from_numpy(images[:2])

    # a transformer's pooled features, and its tokens: a class token, or one and four registers as DINOv2 has
    export(vit(), folder / "vit_pooled.onnx", example)
    export(Forward(vit(), "forward_features"), folder / "vit_tokens.onnx", example)
    registers = vit(reg_tokens=4, no_embed_class=True, init_values=1e-1)
    export(Forward(registers, "forward_features"), folder / "vit_registers.onnx", example)
    # as SigLIP: no class token, pooled by attention
    export(vit(class_token=False, global_pool="map"), folder / "siglip.onnx", example)
    # images as features, of any size
    export(Forward(convnext(), "forward_features"), folder / "convnext.onnx", example, ("batch", "size"))
    # a batch of exactly one
    resnet = timm.models.resnet.ResNet(timm.models.resnet.BasicBlock, (1, 1, 1, 1), channels=(8, 16, 24, 32), num_classes=0)
    export(Forward(generated(resnet), "forward_features"), folder / "resnet_batch_one.onnx", example[:1], ())
    # float16 throughout
    half = convnext().half()
    export(Forward(half, "forward_features"), folder / "convnext_float16.onnx", example.half(), ("batch", "size"))
    swin = timm.models.swin_transformer.SwinTransformer(
        img_size=SIDE, patch_size=2, window_size=4, embed_dim=16, depths=(2, 2), num_heads=(2, 4), num_classes=0
    )
    export(generated(swin), folder / "swin.onnx", example)
    keras_model(folder / "keras_nhwc.onnx")

    # the same network as vit_pooled, its weights in a file beside it
    model = onnx.load(folder / "vit_pooled.onnx")
    onnx.save_model(
        model,
        folder / "vit_external.onnx",
        save_as_external_data=True,
        location="vit_external.data",
        size_threshold=0,
        convert_attribute=False,
    )
    for file in sorted(folder.glob("*.onnx")):
        onnx.checker.check_model(str(file))
        features = run(str(file), images)
        np.save(file.with_suffix(".npy"), features)
        print(file.name, file.stat().st_size, features.shape, float(np.abs(features).mean()))


def keras_model(file):
    import keras

    keras.utils.set_random_seed(3)
    inputs = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inputs)
    x = keras.layers.DepthwiseConv2D(3, padding="same")(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
    model = keras.Model(inputs, x)
    model(np.zeros((1, SIDE, SIDE, 3), np.float32))
    model.export(str(file), format="onnx", verbose=False)


if __name__ == "__main__":
    main(sys.argv[1])
