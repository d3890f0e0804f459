"""Regressions of standardized features, logistic and ridge, and the strength that cross-validation chooses, by scikit-learn.

    python probe_golden.py ../resources/golden
    (scikit-learn 1.9.1)

Features are two decimals of overlapping clouds, so that many strengths differ; the fourth is the same in all images. Each
class is less frequent than the one before. Of two classes, of which one has the first and the last, scikit-learn has one vector
of weights. Ridge regressions are of three targets, of which two are linear in the features but
for noise, of all images and of 15, which are fewer than features.
"""

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, RidgeCV
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

from golden_files import output_folder, write_array, write_json

IMAGES = 240
WIDTH = 20
CLASSES = 4
STRENGTHS = [1e-3, 1.0, 100.0]
PENALTIES = [10.0**exponent for exponent in range(-3, 7)]
FEW = 15
WEIGHTS = {0: 1.0, 1: 0.5, 2: 3.0, 3: 1.5}


def data():
    random = np.random.default_rng(11)
    labels = random.choice(CLASSES, IMAGES, p=[0.4, 0.3, 0.2, 0.1])
    centres = random.normal(size=(CLASSES, WIDTH)) * np.linspace(1.2, 0, WIDTH)
    features = np.round(centres[labels] + random.normal(size=(IMAGES, WIDTH)) * 1.5, 2)
    features = features * np.linspace(0.2, 30, WIDTH) + 5
    features[:, 3] = 0.1
    return features.astype(np.float32), labels


def solution(regression, features):
    return {
        "strength": float(regression.C),
        "weights": regression.coef_.tolist(),
        "bias": regression.intercept_.tolist(),
        "probabilities": regression.predict_proba(features[:10]).tolist(),
    }


def numbers(features):
    random = np.random.default_rng(12)
    noise = random.normal(size=(IMAGES, 3)) * [0.1, 3, 1]
    return np.round(features @ random.normal(size=(WIDTH, 3)) * [0.01, 0.03, 0] + noise + [5, -200, 0], 3)


def ridge(raw, targets):
    features = StandardScaler().fit_transform(raw.astype(np.float64))
    regression = RidgeCV(alphas=PENALTIES, alpha_per_target=True, store_cv_results=True).fit(features, targets)
    return {
        "images": len(raw),
        "strengths": regression.alpha_.tolist(),
        "errors": regression.cv_results_.mean(axis=0).T.tolist(),
        "predicted": regression.predict(features).tolist(),
    }


def main():
    golden = output_folder(__doc__)
    raw, labels = data()
    features = StandardScaler().fit_transform(raw.astype(np.float64))
    folds = StratifiedKFold(5)
    fold_of = np.empty(IMAGES, int)
    for fold, (_, held) in enumerate(folds.split(features, labels)):
        fold_of[held] = fold

    def fit(strength, weights, of=labels):
        regression = LogisticRegression(C=strength, class_weight=weights, tol=1e-10, max_iter=100_000)
        return solution(regression.fit(features, of), features)

    def chosen(of):
        regression = LogisticRegressionCV(
            Cs=10,
            cv=folds,
            scoring="accuracy",
            l1_ratios=(0.0,),
            tol=1e-10,
            max_iter=100_000,
            use_legacy_attributes=False,
        ).fit(features, of)
        return {
            "strength": float(regression.C_),
            "accuracies": np.squeeze(regression.scores_).mean(axis=0).tolist(),
        }

    two = np.isin(labels, (1, 2)).astype(int)
    write_array(golden / "probe" / "features.npy", raw)
    write_array(golden / "probe" / "labels.npy", labels.astype(np.int32))
    write_json(
        golden / "probe" / "probe.json",
        {
            "folds": fold_of.tolist(),
            "plain": [fit(strength, None) for strength in STRENGTHS],
            "weighted": {"classWeights": list(WEIGHTS.values()), **fit(1.0, WEIGHTS)},
            "chosen": chosen(labels),
            "two": {
                "labels": two.tolist(),
                "plain": [fit(strength, None, two) for strength in STRENGTHS],
                "chosen": chosen(two),
            },
        },
    )
    targets = numbers(raw)
    write_json(
        golden / "probe" / "ridge.json",
        {"targets": targets.tolist(), "ridge": [ridge(raw[:count], targets[:count]) for count in (IMAGES, FEW)]},
    )


if __name__ == "__main__":
    main()
