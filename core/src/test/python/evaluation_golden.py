"""Figures of scikit-learn on made-up predictions, of five classes, of which the last has no image, and of two.

    python evaluation_golden.py ../resources/golden
    (scikit-learn 1.9.1)

Probabilities have two decimals, so that many are equal, and are float32 like those of a network.
"""

import numpy as np
import sklearn.metrics as metrics
from sklearn.calibration import calibration_curve

from golden_files import output_folder, write_array, write_json

BINS = 15


def predictions(images, classes, seen, seed):
    random = np.random.default_rng(seed)
    actual = random.integers(0, seen, images)
    scores = random.normal(size=(images, classes)) + 1.2 * np.eye(classes)[actual]
    probabilities = np.round(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), 2)
    # what rounding left over goes to the last class
    probabilities[:, -1] = np.clip(np.round(1 - probabilities[:, :-1].sum(axis=1), 2), 0, 1)
    return probabilities.astype(np.float32), actual.astype(np.int32)


def figures(given, actual):
    probabilities = given.astype(np.float64)
    classes = range(probabilities.shape[1])
    predicted = probabilities.argmax(axis=1)
    there = [int(c) for c in np.unique(actual)]
    one_against_all = [metrics.roc_auc_score(actual == c, probabilities[:, c]) for c in there]
    confidence = probabilities.max(axis=1)
    right, mean = calibration_curve(predicted == actual, confidence, n_bins=BINS)
    sizes = np.histogram(np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence), bins=range(BINS + 1))[0]
    sizes = sizes[sizes > 0]
    binary = probabilities.shape[1] == 2
    return {
        "logLoss": metrics.log_loss(actual, probabilities, labels=classes),
        "classesWithImages": there,
        "rocAucOfClass": one_against_all,
        "averagePrecision": [metrics.average_precision_score(actual == c, probabilities[:, c]) for c in there],
        "rocAuc": float(np.mean(one_against_all)),
        "cohenKappa": metrics.cohen_kappa_score(actual, predicted),
        "matthewsCorrelation": float(metrics.matthews_corrcoef(actual, predicted)),
        "brierScore": metrics.brier_score_loss(
            actual, probabilities[:, 1] if binary else probabilities, labels=None if binary else list(classes)
        ),
        "calibration": {"sizes": sizes.tolist(), "accuracy": right.tolist(), "confidence": mean.tolist()},
        "expectedCalibrationError": float((sizes * np.abs(right - mean)).sum() / len(actual)),
    }


def main():
    golden = output_folder(__doc__) / "evaluation"
    for name, images, classes, seen, seed in (("five", 160, 5, 4, 3), ("two", 90, 2, 2, 4)):
        probabilities, actual = predictions(images, classes, seen, seed)
        write_array(golden / f"{name}_probabilities.npy", probabilities)
        write_array(golden / f"{name}_actual.npy", actual)
        write_json(golden / f"{name}.json", figures(probabilities, actual))


if __name__ == "__main__":
    main()
