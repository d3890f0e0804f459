"""SGD steps of a whole network with batch normalization in inference mode, as fine-tuning runs it.

    python fine_tuning_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0)

keras_models/mobile.keras and residual.keras, called with training=False, all their layers trainable: moving means and
variances are used and stay, scale and shift learn; residual.keras has one normalization without each. 8 integer images of its size in one batch, labels i % 3, plain SGD, mean categorical
cross-entropy. A loss is that before the step. Sums of squares stand for the weights.
"""

import keras
import numpy as np
import tensorflow as tf

from golden_files import output_folder, write_json
from integer_images import images

COUNT = 8
STEPS = 6
RATES = {"mobile": 0.001, "residual": 0.00005}
# of the kernel above features that are large
FACTORS = {"mobile": 1, "residual": 0.01}
ALL = ("gamma", "beta", "moving_mean", "moving_variance")
SHOWN = {
    "mobile": {"bn_Conv1": ALL, "depthwise_BN": ALL, "predictions": ("bias",)},
    "residual": {"conv1_bn": ALL, "block_1_bn": ALL, "block_2_bn": ALL, "predictions": ("bias",)},
}
FILES = {"mobile": "fine_tuning.json", "residual": "fine_tuning_residual.json"}


def train(model, rate, pixels, targets):
    """Returns the losses of the steps."""
    losses = []
    for _ in range(STEPS):
        with tf.GradientTape() as tape:
            predictions = model(pixels, training=False)
            loss = tf.reduce_mean(keras.losses.categorical_crossentropy(targets, predictions))
        losses.append(float(loss))
        for variable, gradient in zip(
            model.trainable_variables, tape.gradient(loss, [v.value for v in model.trainable_variables])
        ):
            variable.assign_sub(rate * gradient)
    return losses


def write(golden, name):
    """One model's steps."""
    model = keras.models.load_model(golden / "keras_models" / (name + ".keras"))
    model.trainable = True
    head = model.get_layer("predictions").kernel
    head.assign(head * FACTORS[name])
    _, height, width, _ = model.input_shape
    pixels = images(COUNT, height, width).astype(np.float32)
    targets = keras.utils.to_categorical(np.arange(COUNT) % 3, 3)
    losses = train(model, RATES[name], pixels, targets)
    vectors = {
        layer: {
            variable.name: [float(value) for value in variable.numpy()]
            for variable in model.get_layer(layer).variables
            if variable.name in names
        }
        for layer, names in SHOWN[name].items()
    }
    kernels = {
        layer.name: float((layer.variables[0].numpy().astype(np.float64) ** 2).sum())
        for layer in model.layers
        if any(variable.name in ("kernel", "depthwise_kernel") for variable in layer.variables)
    }
    write_json(
        golden / "fine_tuning" / FILES[name],
        {"images": COUNT, "rate": RATES[name], "factor": FACTORS[name], "losses": losses, "vectors": vectors, "kernelSquares": kernels},
    )


def main():
    golden = output_folder(__doc__)
    for name in SHOWN:
        write(golden, name)


if __name__ == "__main__":
    main()
