"""Twenty steps of a Dense(10) head for every optimizer, schedule and loss, and two of the schedules alone.

    python optimizers_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0)

Features and labels are those of head_training, batches of 16 in order; the labels are made uneven
by taking (i * i) % 10. A loss is that of its batch before the step, class weights included. The
kernel's and the bias' sums of squares after the steps stand for the weights.

Weight decay leaves the bias alone, as practitioners do: exclude_from_weight_decay.
"""

import keras
import numpy as np

import vgg16
from golden_files import output_folder, write_json

BATCH = 16
STEPS = 20
CLASS_WEIGHTS = [0.5, 2.0, 1.0, 0.25, 3.0, 1.0, 1.5, 1.0, 1.0, 0.75]
schedules = keras.optimizers.schedules

OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.05),
    "sgd weight decay": lambda: keras.optimizers.SGD(0.05, weight_decay=0.1),
    "momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9),
    "momentum weight decay": lambda: keras.optimizers.SGD(0.02, momentum=0.9, weight_decay=0.1),
    "nesterov": lambda: keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.01, epsilon=1e-8),
    "adamw": lambda: keras.optimizers.AdamW(0.01, epsilon=1e-8, weight_decay=0.01),
    "adamw 0.5": lambda: keras.optimizers.AdamW(0.01, epsilon=1e-8, weight_decay=0.5),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.005),
    "rmsprop weight decay": lambda: keras.optimizers.RMSprop(0.005, weight_decay=0.2),
    "sgd clip norm": lambda: keras.optimizers.SGD(0.05, global_clipnorm=0.5),
    "sgd clip value": lambda: keras.optimizers.SGD(0.05, clipvalue=0.01),
    "adam clip norm": lambda: keras.optimizers.Adam(0.01, epsilon=1e-8, global_clipnorm=0.5),
    "adam cosine": lambda: keras.optimizers.Adam(
        schedules.CosineDecay(0.01, STEPS, alpha=0.1), epsilon=1e-8
    ),
    "adamw cosine": lambda: keras.optimizers.AdamW(
        schedules.CosineDecay(0.01, STEPS), epsilon=1e-8, weight_decay=0.5
    ),
}

LOSSES = {
    "label smoothing": lambda: keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
    "focal": lambda: keras.losses.CategoricalFocalCrossentropy(alpha=1.0, gamma=2.0),
    "focal label smoothing": lambda: keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0, gamma=1.5, label_smoothing=0.2
    ),
}


def train(optimizer, loss, weights, features, labels):
    """Trains a new head; returns the loss of every batch and what the weights became."""
    inputs = keras.Input((features.shape[1],))
    predictions = keras.layers.Dense(vgg16.CLASSES, activation="softmax", name="predictions")
    head = vgg16.with_hash_weights(keras.Model(inputs, predictions(inputs)))
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    head.compile(optimizer, loss=loss)
    targets = keras.utils.to_categorical(labels, vgg16.CLASSES)
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH % len(labels), step * BATCH % len(labels) + BATCH)
        sample = None if weights is None else np.array(weights, np.float32)[labels[rows]]
        losses.append(float(head.train_on_batch(features[rows], targets[rows], sample_weight=sample)))
        head.reset_metrics()
    kernel, bias = [array.astype(np.float64) for array in predictions.get_weights()]
    return {
        "losses": losses,
        "kernelSquares": float((kernel**2).sum()),
        "biasSquares": float((bias**2).sum()),
        "kernelRow": [float(value) for value in kernel[7]],
        "bias": [float(value) for value in bias],
    }


def plateau(losses, factor, patience):
    """The rate of each epoch under ReduceLROnPlateau, after these losses."""
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor="val_loss", factor=factor, patience=patience, min_delta=1e-4
    )
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile(keras.optimizers.SGD(1.0), loss="mse")
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        rates.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return rates


def main():
    golden = output_folder(__doc__)
    features = np.load(golden / "head_training" / "features.npy")
    labels = np.arange(len(features)) ** 2 % vgg16.CLASSES
    plain = "categorical_crossentropy"
    runs = {name: train(make(), plain, None, features, labels) for name, make in OPTIMIZERS.items()}
    for name, make in LOSSES.items():
        runs[name] = train(keras.optimizers.SGD(0.05), make(), None, features, labels)
        runs[name + " weighted"] = train(
            keras.optimizers.SGD(0.05), make(), CLASS_WEIGHTS, features, labels
        )
    runs["weighted"] = train(keras.optimizers.SGD(0.05), plain, CLASS_WEIGHTS, features, labels)

    cosine = schedules.CosineDecay(0.3, 30, alpha=0.05)
    losses = [1, 0.8, 0.79995, 0.81, 0.7, 0.75, 0.72, 0.71, 0.69999, 0.6, 0.61, 0.62, 0.63, 0.64, 0.5]
    write_json(
        golden / "optimizers" / "optimizers.json",
        {
            "batch": BATCH,
            "classWeights": CLASS_WEIGHTS,
            "runs": runs,
            "cosine": [float(cosine(step)) for step in range(30)],
            "plateauLosses": losses,
            "plateau": plateau(losses, 0.5, 2),
        },
    )


if __name__ == "__main__":
    main()
