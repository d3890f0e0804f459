"""Attention rollout of the small transformers of onnx_models_golden.py, by PyTorch.

    python attention_golden.py ../resources/golden
    (as onnx_models_golden.py, whose files must be there)

writes NAME_rollout.npy, [4, 4, 4]: for each of the four images of images.npy what comes from each patch to the class token, or to the
mean of all patches where there is none, by its largest value. The attention of each block is caught behind its softmax, its heads are
averaged, the identity is added, rows get the sum 1, and the blocks are multiplied, in float64 (S. Abnar, W. Zuidema, 2020). Also
vit_fused.onnx: a transformer whose attention is one operator of ONNX Runtime's.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import timm
import torch
from onnx import TensorProto, helper, numpy_helper

from onnx_models_golden import OPSET, SIDE, vit

PATCHES = (SIDE // 8) ** 2


def rollout(network, images):
    caught = []
    for block in network.blocks:
        block.attn.attn_drop.register_forward_hook(lambda module, inputs, output: caught.append(inputs[0]))
    with torch.no_grad():
        features = network.forward_features(images)
    maps = []
    for image in range(len(images)):
        joint = None
        for block in caught:
            mixed = block[image].double().mean(0) + torch.eye(block.shape[-1], dtype=torch.float64)
            mixed = mixed / mixed.sum(-1, keepdim=True)
            joint = mixed if joint is None else mixed @ joint
        tokens = joint.shape[0]
        row = joint.mean(0) if tokens == PATCHES else joint[0]
        row = row[tokens - PATCHES :]
        maps.append((row / row.max()).reshape(SIDE // 8, SIDE // 8))
    return torch.stack(maps).numpy().astype(np.float32), features.numpy()


def fused(file):
    """One block of Microsoft's Attention, of patches of 8x8."""
    random = np.random.default_rng(5)
    width = 12
    weights = {
        "patches": random.normal(size=(width, 3, 8, 8)).astype(np.float32) / 14,
        "qkv": random.normal(size=(width, 3 * width)).astype(np.float32) / 4,
        "bias": np.zeros(3 * width, np.float32),
        "shape": np.array([0, width, -1], np.int64),
    }
    nodes = [
        helper.make_node("Conv", ["pixel_values", "patches"], ["image"], strides=[8, 8], kernel_shape=[8, 8]),
        helper.make_node("Reshape", ["image", "shape"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["tokens"], perm=[0, 2, 1]),
        helper.make_node("Attention", ["tokens", "qkv", "bias"], ["features"], domain="com.microsoft", num_heads=3),
    ]
    graph = helper.make_graph(
        nodes,
        "fused",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", PATCHES, width])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=8), file)


def main(folder):
    timm.layers.set_fused_attn(False)
    images = torch.from_numpy(np.load(folder / "images.npy"))
    networks = {
        "vit_tokens": vit(),
        "vit_registers": vit(reg_tokens=4, no_embed_class=True, init_values=1e-1),
        "siglip": vit(class_token=False, global_pool="map"),
    }
    for name, network in networks.items():
        maps, features = rollout(network, images)
        expected = np.load(folder / f"{name}.npy")
        if expected.shape == features.shape:
            assert np.abs(features - expected).max() < 1e-4, f"{name} is another network than it was"
        np.save(folder / f"{name}_rollout.npy", maps)
        print(name, maps.shape, maps.min(), maps.std())
    fused(folder / "vit_fused.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
