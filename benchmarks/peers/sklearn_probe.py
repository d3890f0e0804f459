"""A logistic regression of 10 classes with 10 strengths on 5 parts, in scikit-learn:
python sklearn_probe.py probe --width 384 --images 1000 --rounds 4
"""

import argparse
import statistics
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegressionCV
from sklearn.preprocessing import StandardScaler

CLASSES = 10

parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["probe"])
parser.add_argument("--width", type=int, default=384)
parser.add_argument("--images", type=int, default=1000)
parser.add_argument("--rounds", type=int, default=4)
chosen = parser.parse_args()

# where it ends after 100 steps, the library does so too
warnings.simplefilter("ignore")
random = np.random.default_rng(1)
labels = np.arange(chosen.images) % CLASSES
centres = 0.2 * random.standard_normal((CLASSES, chosen.width))
features = (centres[labels] + random.standard_normal((chosen.images, chosen.width))).astype(np.float32)
seconds = []
for number in range(chosen.rounds):
    start = time.perf_counter()
    probe = LogisticRegressionCV(
        Cs=10, cv=5, scoring="accuracy", l1_ratios=(0.0,), use_legacy_attributes=False
    ).fit(StandardScaler().fit_transform(features), labels)
    seconds.append(time.perf_counter() - start)
    accuracy = np.squeeze(probe.scores_).mean(axis=0).max()
    print(f"round {number + 1}: {seconds[-1]:.3f} s, C {probe.C_:.3g}, accuracy {accuracy:.4f}", flush=True)
print(f"seconds: {statistics.median_high(seconds[1:] or seconds):.3f}")
