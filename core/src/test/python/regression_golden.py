"""Numbers in the place of classes: losses, training and metrics of Keras, PyTorch and scikit-learn.

    python regression_golden.py ../resources/golden
    (Keras 3.15.1, tensorflow-cpu 2.21.0, PyTorch 2.13.0, scikit-learn 1.9.1)

Heads are Dense(3) on the features of head_training, twenty steps each; output c of image i should be
((i * (3 + 2 * c) + i * i) % 11) / 4 - 1. A loss is that of its batch before the step. The losses with
gradients are of five images. The report is of 60 images and 4 targets, of which the third is always the
same; a figure that is not a number is null.
"""

import keras
import numpy as np
import sklearn.metrics as metrics
import torch

import vgg16
from golden_files import output_folder, write_json

BATCH = 16
STEPS = 20
OUTPUTS = 3
DELTA = 0.7
KERAS = {
    "squared": keras.losses.MeanSquaredError(),
    "absolute": keras.losses.MeanAbsoluteError(),
    "huber": keras.losses.Huber(delta=DELTA),
}
TORCH = {
    "squared": torch.nn.MSELoss(),
    "absolute": torch.nn.L1Loss(),
    "huber": torch.nn.HuberLoss(delta=DELTA),
}


def targets(images):
    i, c = np.indices((images, OUTPUTS))
    return (((i * (3 + 2 * c) + i * i) % 11) / 4 - 1).astype(np.float32)


def run(loss, optimizer, features):
    inputs = keras.Input((features.shape[1],))
    predictions = keras.layers.Dense(OUTPUTS, name="predictions")
    model = vgg16.with_hash_weights(keras.Model(inputs, predictions(inputs)))
    model.compile(optimizer, loss=KERAS[loss])
    wanted = targets(len(features))
    losses = []
    for step in range(STEPS):
        start = step * BATCH % len(features)
        rows = slice(start, start + BATCH)
        losses.append(float(model.train_on_batch(features[rows], wanted[rows])))
        model.reset_metrics()
    return {"losses": losses, "bias": [float(value) for value in predictions.get_weights()[1]]}


def gradients():
    outputs = np.array(
        [[0.5, -1.25, 2], [0, 0.25, -0.75], [3, -2, 0.125], [1, 1, 1], [-0.7, 0.7, 0.71]], np.float32
    )
    wanted = np.array(
        [[0.5, 1, -2], [0.25, 0.25, -0.5], [0, 0, 0], [1, 0.3, 1.7], [0, 0, 0]], np.float32
    )
    results = {}
    for name, loss in TORCH.items():
        variable = torch.tensor(outputs, requires_grad=True)
        value = loss(variable, torch.tensor(wanted))
        value.backward()
        results[name] = {
            "loss": value.item(),
            "keras": float(KERAS[name](wanted, outputs)),
            "gradient": variable.grad.numpy().tolist(),
        }
    return {"outputs": outputs.tolist(), "targets": wanted.tolist(), "delta": DELTA, "losses": results}


def number(value):
    return None if np.isnan(value) else float(value)


def report():
    i = np.arange(60)
    actual = np.stack([(i * i % 17) / 3, 1000 + (i % 7) * 12.5, np.full(60, 4.0), np.sin(i)], axis=1)
    noise = np.random.default_rng(3).normal(size=actual.shape)
    predicted = np.round(actual * [0.8, 1.01, 1, -0.2] + noise * [1, 8, 0.5, 0.4] + [0.5, 2, 0, 0], 3)
    raw = {"multioutput": "raw_values"}
    return {
        "actual": actual.tolist(),
        "predicted": predicted.tolist(),
        "meanAbsoluteError": metrics.mean_absolute_error(actual, predicted, **raw).tolist(),
        "rootMeanSquaredError": metrics.root_mean_squared_error(actual, predicted, **raw).tolist(),
        "medianAbsoluteError": metrics.median_absolute_error(actual, predicted, **raw).tolist(),
        "r2": metrics.r2_score(actual, predicted, **raw).tolist(),
        "explainedVariance": metrics.explained_variance_score(actual, predicted, **raw).tolist(),
        "correlation": [
            number(np.corrcoef(actual[:, t], predicted[:, t])[0, 1]) if np.ptp(actual[:, t]) > 0 else None
            for t in range(actual.shape[1])
        ],
        "means": {
            "meanAbsoluteError": float(metrics.mean_absolute_error(actual, predicted)),
            "rootMeanSquaredError": float(metrics.root_mean_squared_error(actual, predicted)),
            "medianAbsoluteError": float(metrics.median_absolute_error(actual, predicted)),
            "r2": float(metrics.r2_score(actual, predicted)),
            "explainedVariance": float(metrics.explained_variance_score(actual, predicted)),
        },
    }


def main():
    golden = output_folder(__doc__)
    features = np.load(golden / "head_training" / "features.npy")
    write_json(
        golden / "regression" / "regression.json",
        {
            "batch": BATCH,
            "delta": DELTA,
            "runs": {
                "squared": run("squared", keras.optimizers.SGD(0.01), features),
                "absolute": run("absolute", keras.optimizers.SGD(0.01), features),
                "huber": run("huber", keras.optimizers.SGD(0.01), features),
                "squared, adam": run("squared", keras.optimizers.Adam(0.01, epsilon=1e-8), features),
            },
            "gradients": gradients(),
            "report": report(),
        },
    )


if __name__ == "__main__":
    main()
