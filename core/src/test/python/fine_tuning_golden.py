"""SGD steps of a whole network with batch normalization in inference mode, as fine-tuning runs it.

    python fine_tuning_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0)

keras_models/mobile.keras, called with training=False, all its layers trainable: moving means and variances are used and
stay, scale and shift learn. 8 integer images of its size in one batch, labels i % 3, plain SGD, mean categorical
cross-entropy. A loss is that before the step. Sums of squares stand for the weights.
"""

import keras
import numpy as np
import tensorflow as tf

from golden_files import output_folder, write_json
from integer_images import images

COUNT = 8
STEPS = 6
RATE = 0.001
SHOWN = {
    "bn_Conv1": ("gamma", "beta", "moving_mean", "moving_variance"),
    "depthwise_BN": ("gamma", "beta", "moving_mean", "moving_variance"),
    "predictions": ("bias",),
}


def train(model, pixels, targets):
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
            variable.assign_sub(RATE * gradient)
    return losses


def main():
    golden = output_folder(__doc__)
    model = keras.models.load_model(golden / "keras_models" / "mobile.keras")
    model.trainable = True
    _, height, width, _ = model.input_shape
    pixels = images(COUNT, height, width).astype(np.float32)
    targets = keras.utils.to_categorical(np.arange(COUNT) % 3, 3)
    losses = train(model, pixels, targets)
    vectors = {
        layer: {
            variable.name: [float(value) for value in variable.numpy()]
            for variable in model.get_layer(layer).variables
            if variable.name in names
        }
        for layer, names in SHOWN.items()
    }
    kernels = {
        layer.name: float((layer.variables[0].numpy().astype(np.float64) ** 2).sum())
        for layer in model.layers
        if any(variable.name in ("kernel", "depthwise_kernel") for variable in layer.variables)
    }
    write_json(
        golden / "fine_tuning" / "fine_tuning.json",
        {"images": COUNT, "rate": RATE, "losses": losses, "vectors": vectors, "kernelSquares": kernels},
    )


if __name__ == "__main__":
    main()
