"""Whole models as Keras saves them, one of each family in small, and their features.

    python keras_models_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0, h5py 3.14.0)

For each model keras_models/ gets NAME.keras, some of NAME.h5 and NAME_keras2.h5, and features_NAME.npy: what the layer
FEATURES[NAME] makes of the first two integer images of the model's size, [2, h, w, c]. All weights are hash weights. The
files *_keras2.h5 are *.h5 with the configuration written as Keras 2.12 wrote it.
"""

import json
import shutil

import h5py
import keras
import numpy as np
from keras import layers, ops

from golden_files import output_folder, write_array
from hash_weights import hash_weights
from integer_images import images

FEATURES = {
    "plain": "pool2",
    "residual": "block_out",
    "mobile": "out_relu",
    "excite": "add",
    "dense": "mixed",
    "nested": "inner_pool",
    "worldwide": "größe_add",
    "by_hand": "out",
    "hard": "out",
    "functions": "out",
    "squeeze": "out",
    "twins": "end",
    "bgr": "out",
}


def plain():
    """In a row, as VGG: both paddings with strides, average pooling that leaves padding out."""
    return keras.Sequential(
        [
            keras.Input((23, 26, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(6, 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(6, 3, strides=2, padding="same", name="conv2"),
            layers.BatchNormalization(name="bn"),
            layers.LeakyReLU(0.2, name="leaky"),
            layers.AveragePooling2D(3, strides=2, padding="same", name="pool1"),
            layers.SpatialDropout2D(0.2),
            layers.Conv2D(8, (3, 2), dilation_rate=2, padding="same", activation="silu", name="conv3"),
            layers.MaxPooling2D(3, strides=2, padding="same", name="pool2"),
            layers.Flatten(),
            layers.Dense(5, activation="relu", name="hidden"),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax", name="predictions"),
        ],
        name="plain",
    )


def residual():
    """As ResNet50."""
    image = keras.Input((33, 33, 3), name="image")
    x = layers.ZeroPadding2D(3, name="conv1_pad")(image)
    x = layers.Conv2D(8, 7, strides=2, name="conv1_conv")(x)
    x = layers.BatchNormalization(epsilon=1.001e-5, name="conv1_bn")(x)
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    shortcut = layers.Conv2D(12, 1, strides=2, name="block_0_conv")(x)
    shortcut = layers.BatchNormalization(axis=3, name="block_0_bn")(shortcut)
    x = layers.Conv2D(4, 1, strides=2, use_bias=False, name="block_1_conv")(x)
    x = layers.BatchNormalization(center=False, name="block_1_bn")(x)
    x = layers.Activation("relu", name="block_1_relu")(x)
    x = layers.Conv2D(12, 3, padding="same", name="block_2_conv")(x)
    x = layers.BatchNormalization(scale=False, name="block_2_bn")(x)
    x = layers.Add(name="block_add")([shortcut, x])
    x = layers.Activation("relu", name="block_out")(x)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dense(3, activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name="residual")


def mobile():
    """As MobileNetV2, with its preprocess_input inside, and with a head in several branches above the features."""
    image = keras.Input((31, 28, 3), name="image")
    x = keras.applications.mobilenet_v2.preprocess_input(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="Conv1")(x)
    x = layers.BatchNormalization(momentum=0.999, name="bn_Conv1")(x)
    x = layers.ReLU(6.0, name="Conv1_relu")(x)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(x)
    x = layers.BatchNormalization(name="depthwise_BN")(x)
    x = layers.ReLU(6.0, name="depthwise_relu")(x)
    x = layers.ZeroPadding2D(((0, 1), (1, 0)), name="pad")(x)
    x = layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2, activation="relu", name="strided")(x)
    before = layers.Conv2D(8, 1, name="project")(x)
    x = layers.Conv2D(16, 1, name="expand")(before)
    x = layers.ReLU(negative_slope=0.1, name="expand_relu")(x)
    x = layers.Conv2D(8, 1, name="project_again")(x)
    x = layers.Add(name="add")([before, x])
    x = layers.ReLU(6.0, name="out_relu")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name="mobile")


def excite():
    """As EfficientNet."""
    image = keras.Input((24, 24, 3), name="image")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.Normalization(axis=3, name="normalization")(x)
    x = layers.Rescaling([1.1, 1.2, 1.3])(x)
    x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(x)
    x = layers.BatchNormalization(name="stem_bn")(x)
    start = layers.Activation("swish", name="stem_activation")(x)
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="dwconv")(start)
    wide = layers.Activation("swish", name="activation")(x)
    x = layers.GlobalAveragePooling2D(name="se_squeeze")(wide)
    x = layers.Reshape((1, 1, 6), name="se_reshape")(x)
    x = layers.Conv2D(2, 1, activation="swish", name="se_reduce")(x)
    x = layers.Conv2D(6, 1, activation="sigmoid", name="se_expand")(x)
    x = layers.multiply([wide, x], name="se_excite")
    x = layers.Dropout(0.2, noise_shape=(None, 1, 1, 1), name="drop")(x)
    x = layers.Add(name="add")([x, start])
    x = layers.GlobalMaxPooling2D(name="pool")(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(3, activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name="excite")


def dense():
    """As DenseNet, for images of any size, and what else can be computed."""
    image = keras.Input((None, None, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, name="conv1", activation="relu6")(image)
    y = layers.BatchNormalization(name="bn")(x)
    y = layers.Activation("relu", name="relu")(y)
    y = layers.SeparableConv2D(4, 3, padding="same", depth_multiplier=2, name="separable")(y)
    x = layers.Concatenate(name="concat")([x, y])
    x = layers.AveragePooling2D(2, name="pool")(x)
    y = layers.ELU(name="elu")(x)
    z = layers.Activation("softplus", name="softplus")(x)
    most = layers.Maximum(name="maximum")([y, z])
    mean = layers.Average(name="average")([y, z])
    x = layers.Subtract(name="subtract")([most, mean])
    pooled = layers.GlobalMaxPooling2D(keepdims=True, name="global_pool")(y)
    x = layers.Multiply(name="scaled")([pooled, x])
    x = layers.Multiply(name="mixed")([x, mean])
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="dense")


def nested():
    """A model in a model in a model, behind augmentation, as Keras' guide to transfer learning has it."""
    stem = keras.Sequential(
        [
            keras.Input((20, 20, 3)),
            layers.Conv2D(6, 3, name="stem_conv"),
            layers.BatchNormalization(name="stem_bn"),
        ],
        name="stem",
    )
    image = keras.Input((20, 20, 3))
    x = stem(image)
    x = layers.Conv2D(8, 3, activation="tanh", name="inner_conv")(x)
    x = layers.MaxPooling2D(name="inner_pool")(x)
    inner = keras.Model(image, x, name="inner")

    image = keras.Input((20, 20, 3), name="image")
    x = layers.RandomFlip("horizontal", name="flip")(image)
    x = layers.Rescaling(1 / 255, name="rescaling")(x)
    x = inner(x, training=False)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="nested")


def worldwide():
    """Names in other letters than ASCII's, of a model within too."""
    image = keras.Input((12, 12, 3))
    x = layers.Conv2D(4, 3, name="卷积")(image)
    x = layers.BatchNormalization(name="Нормализация")(x)
    inner = keras.Model(image, x, name="внутри")

    image = keras.Input((12, 12, 3), name="écran")
    x = inner(image)
    y = layers.Conv2D(4, 3, padding="same", activation="relu", name="größe_conv")(x)
    x = layers.Add(name="größe_add")([x, y])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, name="🐈")(x)
    return keras.Model(image, x, name="weltweit")


def by_hand():
    """As MobileNetV3's functions are in Keras, of arithmetic between layers; and what else goes by names alone."""
    image = keras.Input((18, 18, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="leaky_relu", name="stem")(image)
    gate = layers.ReLU(6.0, name="gate")(x + 3.0) * (1.0 / 6.0)
    x = layers.Multiply(name="hard_swish")([x, gate])
    y = layers.Conv2D(8, 3, groups=8, padding="same", activation="mish", name="channels")(0.5 * x - 0.1)
    z = layers.Conv2D(8, 1, activation="elu", name="elu")(y / 2.0)
    z = layers.Activation("hard_tanh", name="hard_tanh")(z)
    x = layers.Add(name="out")([x, y, 0.25 + z])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="by_hand")


def hard():
    """As MobileNetV3 with activations by their names, and groups as RegNet and ResNeXt have them: what DL4J has not."""
    image = keras.Input((22, 22, 3), name="image")
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="hard_silu", name="stem")(image)
    y = layers.Conv2D(12, 3, groups=4, padding="same", name="groups")(x)
    y = layers.BatchNormalization(name="groups_bn")(y)
    y = layers.Activation("hard_swish", name="swish")(y)
    squeezed = layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(y)
    gate = layers.Conv2D(4, 1, activation="relu", name="reduce")(squeezed)
    gate = layers.Conv2D(12, 1, groups=2, name="expand")(gate)
    gate = layers.Activation("hard_sigmoid", name="gate")(gate)
    y = layers.Multiply(name="excite")([y, gate])
    z = layers.Conv2D(12, 3, groups=3, padding="same", activation="hard_sigmoid", name="hard")(y)
    x = layers.Add(name="out")([y, z])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="hard")


def functions():
    """Functions and layers as activations, arithmetic in all directions, layers of training, layers used several times."""
    image = keras.Input((16, 18, 3), name="image")
    x = layers.Activation("linear", name="nothing")(image)
    x = layers.Dropout(0.1, name="pixels")(x)
    x = keras.applications.imagenet_utils.preprocess_input(x, mode="torch")
    x = layers.RandomGrayscale(0.5, name="gray")(x)
    x = layers.Conv2D(6, 3, padding="same", activation=layers.LeakyReLU(0.1), name="stem")(x)
    x = layers.AlphaDropout(0.1, name="noise")(layers.Identity(name="same")(x))
    rectify = layers.ReLU(negative_slope=0.2, max_value=1.5, name="rectify")
    pool = layers.MaxPooling2D(2, strides=1, padding="same", name="pool")
    y = pool(rectify(ops.silu(x) - ops.relu6(-x)))
    y = layers.Conv2D(6, 1, activation=layers.ReLU(max_value=2.0), name="capped")(ops.elu(1.0 - y, alpha=0.5))
    z = layers.ReLU(threshold=0.1, name="above")(pool(x))
    z = ops.hard_sigmoid(z) + ops.leaky_relu(ops.tanh(z), 0.3) + ops.softsign(ops.softplus(z))
    z = ops.maximum(0.0, layers.Rescaling(-0.5, 0.25, name="lowered")(z)) + ops.selu(z) * ops.sigmoid(z)
    y = rectify(layers.Activation(layers.ELU(0.4), name="elu_of_layer")(y / np.float32(0.5)))
    y = ops.clip(y, -0.25, 1.0) + keras.activations.relu(z, max_value=4.0) + ops.hard_silu(ops.hard_tanh(y))
    x = layers.Add(name="out")([y, rectify(z), ops.relu(x)])
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="functions")


def squeeze():
    """Squeeze and excitation of dense layers, on vectors and on images of one pixel."""
    image = keras.Input((14, 15, 3), name="image")
    x = layers.Conv2D(6, 3, name="stem")(image / 255.0)
    gate = layers.GlobalAveragePooling2D(name="mean")(x)
    gate = layers.Dense(2, activation="relu", name="reduce")(gate)
    gate = layers.Dense(6, activation="sigmoid", use_bias=False, name="expand")(gate)
    gate = layers.Reshape((1, 1, 6), name="pixel")(gate)
    x = layers.Multiply(name="excite")([x, gate])
    gate = layers.Reshape((1, 1, -1), name="first")(layers.GlobalMaxPooling2D(name="most")(x))
    gate = layers.Dense(3, activation=layers.LeakyReLU(0.2), name="reduce_pixel")(gate)
    gate = layers.Dense(6, name="expand_pixel")(layers.Dropout(0.1, name="drop")(gate))
    gate = layers.Activation("hard_sigmoid", name="gate")(gate)
    x = layers.Multiply(name="out")([gate, x])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="squeeze")


def twins():
    """Layers of one name in models within a model."""

    def block(channels, name):
        rows = [layers.Conv2D(5, 3, padding="same", name="conv2d"), layers.BatchNormalization(name="bn")]
        return keras.Sequential([keras.Input((None, None, channels)), *rows], name=name)

    image = keras.Input((12, 13, 3), name="image")
    x = block(3, "one")(layers.Rescaling(1 / 255, name="rescaling")(image))
    x = layers.ReLU(name="relu")(x)
    x = block(5, "two")(x)
    x = layers.Conv2D(4, 3, name="conv2d")(x)
    x = layers.ReLU(name="end")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(3, name="predictions")(x)
    return keras.Model(image, x, name="twins")


def bgr():
    """As a model with the preprocess_input of VGG and ResNet50 inside, which turns RGB into BGR."""
    image = keras.Input((9, 8, 3), name="image")
    x = keras.applications.resnet.preprocess_input(image)
    x = layers.Conv2D(4, 3, name="out")(x)
    return keras.Model(image, x, name="bgr")


MODELS = [plain, residual, mobile, excite, dense, nested, worldwide, by_hand, hard, functions, squeeze, twins, bgr]
KERAS2 = ["plain", "mobile", "nested"]
H5 = ["mobile", "excite", "nested", "worldwide", "twins"]
ANY_SIZE = 21


def fill(model):
    """Hash weights; scales and variances are around 1, and positive."""
    for weight in model.weights:
        # of layers of one name by their models' names as well
        name = "/".join(weight.path.split("/")[-3 if model.name == "twins" else -2 :])
        if weight.path.endswith("count"):
            continue
        values = hash_weights(name, weight.shape)
        if weight.path.split("/")[-1] in ("gamma", "moving_variance", "variance"):
            values = 1 + np.tanh(values) / 2
        weight.assign(values)
    for layer in model.layers:
        if isinstance(layer, layers.Normalization):
            # it computes with copies of its weights
            layer.finalize_state()


def features_of(name, model, pixels):
    if name == "nested":
        # the features are those of the model within
        scaled = model.get_layer("rescaling")(pixels)
        return model.get_layer("inner").predict(scaled, verbose=0)
    layer = model.get_layer(FEATURES[name])
    # not predict, for which TensorFlow wants ASCII names
    return keras.Model(model.inputs, layer.output)(pixels, training=False).numpy()


def keras2_tensor(history, arguments):
    return [history[0], 0, 0, arguments]


def keras2_nodes(nodes):
    """[{"args": [...]}] as [[[layer, use, output, arguments by name], ...]]."""
    result = []
    for node in nodes:
        tensors, operand = [], {}
        for argument in node["args"]:
            for each in argument if isinstance(argument, list) else [argument]:
                if isinstance(each, dict):
                    tensors.append(each["config"]["keras_history"])
                else:
                    operand = {"y": each, "name": None}
        result.append([keras2_tensor(tensor, operand) for tensor in tensors])
    return result


OPERATIONS = {"TrueDivide": "math.truediv", "Subtract": "math.subtract"}


def keras2_layer(layer):
    config = dict(layer["config"])
    kind = layer["class_name"]
    if kind in ("Functional", "Sequential"):
        return {**keras2_model(layer), "name": config["name"], "inbound_nodes": keras2_nodes(layer.get("inbound_nodes", []))}
    if kind in OPERATIONS and "dtype" not in config:
        config["function"] = OPERATIONS[kind]
        kind = "TFOpLambda"
    else:
        config["dtype"] = "float32"
    if "batch_shape" in config:
        config["batch_input_shape"] = config.pop("batch_shape")
    if kind == "LeakyReLU":
        config["alpha"] = config.pop("negative_slope")
    result = {"class_name": kind, "config": config}
    if "inbound_nodes" in layer:
        result.update(name=config["name"], inbound_nodes=keras2_nodes(layer["inbound_nodes"]))
    return result


def keras2_model(model):
    config = model["config"]
    result = {"name": config["name"], "layers": [keras2_layer(layer) for layer in config["layers"]]}
    for ends in ("input_layers", "output_layers"):
        if ends in config:
            result[ends] = [config[ends]]
    return {"class_name": model["class_name"], "config": result}


def write_keras2(path, name):
    target = path / f"{name}_keras2.h5"
    shutil.copy(path / f"{name}.h5", target)
    with h5py.File(target, "r+") as file:
        model = keras2_model(json.loads(file.attrs["model_config"]))
        file.attrs["model_config"] = json.dumps(model).encode()
        file.attrs["keras_version"] = b"2.12.0"


def main():
    folder = output_folder(__doc__) / "keras_models"
    folder.mkdir(parents=True, exist_ok=True)
    for build in MODELS:
        model = build()
        name = build.__name__
        fill(model)
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        height, width = (length or ANY_SIZE for length in model.input_shape[1:3])
        pixels = images(2, height, width).astype(np.float32)
        write_array(folder / f"features_{name}.npy", features_of(name, model, pixels))
        if name == "worldwide":
            model.save_weights(folder / f"{name}.weights.h5")
    for name in KERAS2:
        write_keras2(folder, name)
    for model in MODELS:
        if model.__name__ not in H5:
            (folder / f"{model.__name__}.h5").unlink()


if __name__ == "__main__":
    main()
