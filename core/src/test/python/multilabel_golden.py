"""Multi-label heads: twenty steps of a Dense(10, sigmoid) head in Keras and PyTorch, and scikit-learn's metrics.

    python multilabel_golden.py ../resources/golden
    (Keras 3.15.1, tensorflow-cpu 2.21.0, PyTorch 2.13.0 for pos_weight, scikit-learn 1.9.1)

Features are those of head_training; image i has class c where (i * i + 3 * i * c + c * c) % 7 is
1 or 2. A loss is that of its batch before the step. The reports are of 40 images and 5 classes,
the last without images, at two thresholds; image i has class c where (i * (c + 2) + i * i * c) % 5
is 0 and c is not 4. Probabilities have two decimals, so that some are equal.
"""

import keras
import numpy as np
import sklearn.metrics as metrics
import torch

import vgg16
from golden_files import output_folder, write_json

BATCH = 16
STEPS = 20
POSITIVE_WEIGHTS = [0.5, 2.0, 1.0, 0.25, 3.0, 1.0, 1.5, 1.0, 1.0, 0.75]


def targets(images, classes):
    i, c = np.indices((images, classes))
    return np.isin((i * i + 3 * i * c + c * c) % 7, (1, 2)).astype(np.float32)


def batches(features, labels):
    for step in range(STEPS):
        start = step * BATCH % len(features)
        yield features[start : start + BATCH], labels[start : start + BATCH]


def head(features):
    inputs = keras.Input((features.shape[1],))
    predictions = keras.layers.Dense(vgg16.CLASSES, activation="sigmoid", name="predictions")
    return vgg16.with_hash_weights(keras.Model(inputs, predictions(inputs))), predictions


def in_keras(optimizer, smoothing, features, labels):
    model, predictions = head(features)
    model.compile(
        optimizer,
        loss=keras.losses.BinaryCrossentropy(label_smoothing=smoothing),
        metrics=["binary_accuracy"],
    )
    losses, accuracies = [], []
    for rows, wanted in batches(features, labels):
        loss, accuracy = model.train_on_batch(rows, wanted)
        losses.append(loss.item())
        accuracies.append(float(accuracy))
        model.reset_metrics()
    return {
        "losses": losses,
        "accuracies": accuracies,
        "bias": [float(value) for value in predictions.get_weights()[1]],
    }


def in_torch(rate, features, labels):
    model, predictions = head(features)
    kernel, bias = predictions.get_weights()
    layer = torch.nn.Linear(features.shape[1], vgg16.CLASSES)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(kernel.T))
        layer.bias.copy_(torch.tensor(bias))
    loss_of = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(POSITIVE_WEIGHTS))
    optimizer = torch.optim.SGD(layer.parameters(), rate)
    losses = []
    for rows, wanted in batches(features, labels):
        optimizer.zero_grad()
        loss = loss_of(layer(torch.tensor(rows)), torch.tensor(wanted))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "bias": [float(value) for value in layer.bias]}


def report(labels, probabilities, threshold):
    given = probabilities > threshold
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, given, average=None, zero_division=0
    )
    there = support > 0
    average_precision = [
        float(metrics.average_precision_score(labels[:, c], probabilities[:, c])) if there[c] else 0.0
        for c in range(labels.shape[1])
    ]

    def micro(score):
        return float(score(labels, given, average="micro", zero_division=0))

    return {
        "threshold": threshold,
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "averagePrecision": average_precision,
        "meanAveragePrecision": float(
            metrics.average_precision_score(labels[:, there], probabilities[:, there], average="macro")
        ),
        "microPrecision": micro(metrics.precision_score),
        "microRecall": micro(metrics.recall_score),
        "microF1": micro(metrics.f1_score),
        "macroF1": float(metrics.f1_score(labels, given, average="macro", zero_division=0)),
        "subsetAccuracy": float(metrics.accuracy_score(labels, given)),
        "binaryAccuracy": 1 - float(metrics.hamming_loss(labels, given)),
        "loss": float(
            keras.losses.BinaryCrossentropy()(labels.astype(np.float32), probabilities.astype(np.float32))
        ),
    }


def main():
    golden = output_folder(__doc__)
    features = np.load(golden / "head_training" / "features.npy")
    labels = targets(len(features), vgg16.CLASSES)
    i, c = np.indices((40, 5))
    there = ((i * (c + 2) + i * i * c) % 5 == 0) & (c != 4)
    noise = np.random.default_rng(7).normal(size=there.shape)
    probabilities = np.round(1 / (1 + np.exp(-noise - np.where(there, 0.8, -0.8))), 2)
    write_json(
        golden / "multilabel" / "multilabel.json",
        {
            "batch": BATCH,
            "positiveWeights": POSITIVE_WEIGHTS,
            "runs": {
                "sgd": in_keras(keras.optimizers.SGD(0.5), 0.0, features, labels),
                "adam": in_keras(keras.optimizers.Adam(0.01, epsilon=1e-8), 0.0, features, labels),
                "label smoothing": in_keras(keras.optimizers.SGD(0.5), 0.1, features, labels),
                "weighted": in_torch(0.5, features, labels),
            },
            "probabilities": probabilities.tolist(),
            "reports": [report(there, probabilities, threshold) for threshold in (0.5, 0.3)],
        },
    )


if __name__ == "__main__":
    main()
