"""VGG16 without top in ONNX Runtime: python onnxruntime_vgg16.py features --size 224 --batch 8 --images 64

The graph is built here, with random weights of the right shapes: speed does not depend on values.
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import measure

BLOCKS = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]


def vgg16(batch, size):
    random = np.random.default_rng(1)
    nodes, weights, previous, channels = [], [], "input", 3
    for block, (filters, convolutions) in enumerate(BLOCKS, 1):
        for convolution in range(1, convolutions + 1):
            name = f"block{block}_conv{convolution}"
            kernel = random.standard_normal((filters, channels, 3, 3), dtype=np.float32)
            weights.append(numpy_helper.from_array(kernel * np.sqrt(2 / (9 * channels), dtype=np.float32), name + "_W"))
            weights.append(numpy_helper.from_array(np.zeros(filters, np.float32), name + "_b"))
            nodes.append(helper.make_node("Conv", [previous, name + "_W", name + "_b"], [name], pads=[1, 1, 1, 1]))
            nodes.append(helper.make_node("Relu", [name], [name + "_relu"]))
            previous, channels = name + "_relu", filters
        pool = f"block{block}_pool"
        nodes.append(helper.make_node("MaxPool", [previous], [pool], kernel_shape=[2, 2], strides=[2, 2]))
        previous = pool
    graph = helper.make_graph(
        nodes,
        "vgg16",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info(previous, TensorProto.FLOAT, [batch, 512, size // 32, size // 32])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


chosen = measure.options()
session = onnxruntime.InferenceSession(
    vgg16(chosen.batch, chosen.size).SerializeToString(), providers=["CPUExecutionProvider"])
images = np.random.default_rng(1).random((chosen.batch, 3, chosen.size, chosen.size), dtype=np.float32)
measure.report(chosen, lambda: session.run(None, {"input": images}))
