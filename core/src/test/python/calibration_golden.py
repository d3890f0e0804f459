"""Temperatures, conformal quantiles, distances from known features, and thresholds, by SciPy, NumPy and scikit-learn.

    python calibration_golden.py ../resources/golden
    (numpy 2.4.6, scipy 1.17.1, scikit-learn 1.9.1)

Temperatures are those of the smallest log loss, by scipy.optimize.minimize_scalar on the logarithms of the probabilities.
Mahalanobis' distances are of features of length 1, from the nearest class mean, with scikit-learn's LedoitWolf of what is
left of them without their class means.
"""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.covariance import LedoitWolf
from sklearn.metrics import f1_score, log_loss, precision_recall_curve
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from golden_files import output_folder, write_json

IMAGES = 200
CLASSES = 5
COVERAGES = [0.5, 0.8, 0.9, 0.95, 0.99]
WIDTH = 24
NEIGHBOURS = [1, 3, 10]


def classified(random, sureness, noise):
    """Probabilities of a classifier that is too sure of itself where sureness is above 1."""
    labels = random.integers(CLASSES, size=IMAGES)
    logits = 2.0 * np.eye(CLASSES)[labels] + noise * random.normal(size=(IMAGES, CLASSES))
    return softmax(sureness * logits, axis=1).astype(np.float32), labels


def temperature(probabilities, labels):
    logits = np.log(probabilities.astype(np.float64))
    return minimize_scalar(
        lambda inverse: -log_softmax(inverse * logits, axis=1)[np.arange(len(labels)), labels].sum(),
        bounds=(0.01, 100),
        method="bounded",
        options={"xatol": 1e-12},
    )


def calibrated(random):
    cases = []
    for sureness, noise in [(3.0, 1.0), (0.4, 1.0), (10.0, 0.8), (1.0, 1.4)]:
        probabilities, labels = classified(random, sureness, noise)
        best = 1 / temperature(probabilities, labels).x
        after = softmax(np.log(probabilities.astype(np.float64)) / best, axis=1)
        scores = 1 - after[np.arange(IMAGES), labels]
        quantiles = [
            float(np.quantile(scores, np.ceil((IMAGES + 1) * c) / IMAGES, method="inverted_cdf"))
            for c in COVERAGES
        ]
        cases.append(
            {
                "probabilities": probabilities.tolist(),
                "labels": labels.tolist(),
                "temperature": float(best),
                "logLoss": float(log_loss(labels, after)),
                "scores": scores.tolist(),
                "quantiles": quantiles,
            }
        )
    return {"coverages": COVERAGES, "cases": cases}


def distances(random):
    labels = random.choice(3, 90, p=[0.5, 0.3, 0.2])
    spread = random.normal(size=(WIDTH, WIDTH)) / 4
    centres = random.normal(size=(3, WIDTH))
    known = (centres[labels] + random.normal(size=(90, WIDTH)) @ spread).astype(np.float32)
    others = np.concatenate([known[:4], 2 * random.normal(size=(16, WIDTH))]).astype(np.float32)
    unit = normalize(known.astype(np.float64))
    means = np.stack([unit[labels == c].mean(axis=0) for c in range(3)])
    covariance = LedoitWolf(assume_centered=True).fit(unit - means[labels])
    inverse = np.linalg.inv(covariance.covariance_)
    away = normalize(others.astype(np.float64))[:, None, :] - means[None]
    squares = np.einsum("nci,ij,ncj->nc", away, inverse, away)
    neighbours = NearestNeighbors(n_neighbors=max(NEIGHBOURS)).fit(unit)
    nearest, _ = neighbours.kneighbors(normalize(others.astype(np.float64)))
    return {
        "known": known.tolist(),
        "labels": labels.tolist(),
        "others": others.tolist(),
        "shrinkage": float(covariance.shrinkage_),
        "mahalanobis": squares.min(axis=1).tolist(),
        "neighbours": {str(k): nearest[:, k - 1].tolist() for k in NEIGHBOURS},
    }


def thresholds(random):
    cases = []
    for share, noise in [(0.5, 1.0), (0.1, 1.0), (0.03, 0.5), (0.3, 3.0)]:
        there = random.random(IMAGES) < share
        there[0] = True
        scores = (1 / (1 + np.exp(-(2.0 * there - 1.5 + noise * random.normal(size=IMAGES))))).astype(np.float32)
        scores = np.round(scores, 2).astype(np.float32)  # so that several images have the same
        precision, recall, values = precision_recall_curve(there, scores)
        f1 = [f1_score(there, scores >= value) for value in values]
        cases.append(
            {
                "scores": scores.tolist(),
                "there": there.tolist(),
                "bestF1": float(np.max(f1)),
                "recallAtPrecision": {
                    str(wanted): float(np.max(recall[:-1][precision[:-1] >= wanted], initial=-1.0))
                    for wanted in [0.5, 0.8, 0.9, 0.99]
                },
            }
        )
    return cases


def main():
    golden = output_folder(__doc__) / "calibration"
    random = np.random.default_rng(15)
    write_json(golden / "temperature.json", calibrated(random))
    write_json(golden / "distances.json", distances(random))
    write_json(golden / "thresholds.json", thresholds(random))


if __name__ == "__main__":
    main()
