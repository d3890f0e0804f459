"""A logistic regression of 10 classes with 10 strengths on 5 parts, in scikit-learn:
python sklearn_probe.py probe --width 384 --images 1000 --rounds 4

Its accuracy on the features that the example FewLabels leaves with --features:
python sklearn_probe.py accuracy --features FOLDER
"""

import argparse
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

CLASSES = 10

parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["probe", "accuracy"])
parser.add_argument("--width", type=int, default=384)
parser.add_argument("--images", type=int, default=1000)
parser.add_argument("--rounds", type=int, default=4)
parser.add_argument("--features", type=Path)
chosen = parser.parse_args()

# where it ends after 100 steps, the library does so too
warnings.simplefilter("ignore")


def probe(features, labels):
    scaler = StandardScaler().fit(features)
    parts = int(min(5, np.bincount(labels).max()))
    regression = (
        LogisticRegression()
        if parts < 2
        else LogisticRegressionCV(
            Cs=10, cv=parts, scoring="accuracy", l1_ratios=(0.0,), use_legacy_attributes=False
        )
    )
    return scaler, regression.fit(scaler.transform(features), labels)


def accuracies():
    by_task = {}
    for file in sorted(chosen.features.glob("*_train_features.npy")):
        stem = file.name.removesuffix("_train_features.npy")
        scaler, regression = probe(np.load(file), np.load(file.with_name(f"{stem}_train_labels.npy")))
        test = scaler.transform(np.load(file.with_name(f"{stem}_test_features.npy")))
        right = regression.predict(test) == np.load(file.with_name(f"{stem}_test_labels.npy"))
        by_task.setdefault(stem.rsplit("_", 1)[0], []).append(100 * right.mean())
    for task, all_draws in by_task.items():
        print(f"{task}: {np.mean(all_draws):.2f}% ({', '.join(f'{draw:.2f}' for draw in all_draws)})")


def times():
    random = np.random.default_rng(1)
    labels = np.arange(chosen.images) % CLASSES
    centres = 0.2 * random.standard_normal((CLASSES, chosen.width))
    features = (centres[labels] + random.standard_normal((chosen.images, chosen.width))).astype(np.float32)
    seconds = []
    for number in range(chosen.rounds):
        start = time.perf_counter()
        _, regression = probe(features, labels)
        seconds.append(time.perf_counter() - start)
        accuracy = np.squeeze(regression.scores_).mean(axis=0).max()
        print(f"round {number + 1}: {seconds[-1]:.3f} s, C {regression.C_:.3g}, accuracy {accuracy:.4f}", flush=True)
    print(f"seconds: {statistics.median_high(seconds[1:] or seconds):.3f}")


accuracies() if chosen.kind == "accuracy" else times()
