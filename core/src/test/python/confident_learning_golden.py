"""Which labels confident learning takes for wrong, by NumPy from the formulas of the paper.

    python confident_learning_golden.py ../resources/golden
    (NumPy 2.4)

C. Northcutt, L. Jiang, I. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021: the
thresholds are equation 2, the confident joint equation 1, its calibration equation 3 (before it is divided by the number
of images), the choice section 3.2's method 3, "prune by class": of each label as many as the joint says, rounded to the
nearest (halves to even), those with the least probability for it. An image whose label is the most probable class after
all is not taken. How probable each label is to be wrong is Bayes' rule for labels that were replaced by others at random;
their part comes from 60 steps of expectation maximization, at that temperature of 41 which makes the labels most likely.
What is pruned and more probably wrong than right is suspect. Some probabilities are equal; class 4 has no label.
"""

import numpy as np

from golden_files import output_folder, write_array, write_json

IMAGES = 400
CLASSES = 5
NOISE = 0.15


def data():
    random = np.random.default_rng(23)
    truth = random.choice(CLASSES - 1, IMAGES, p=[0.4, 0.3, 0.2, 0.1])
    labels = np.where(random.random(IMAGES) < NOISE, random.choice(CLASSES - 1, IMAGES), truth)
    scores = random.normal(size=(IMAGES, CLASSES))
    scores[np.arange(IMAGES), truth] += 2
    scores[:, 4] -= 1
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return np.round(probabilities, 2).astype(np.float32), labels


def main():
    golden = output_folder(__doc__)
    stored, labels = data()
    probabilities = stored.astype(np.float64)
    counts = np.bincount(labels, minlength=CLASSES)
    thresholds = [probabilities[labels == c, c].mean() if counts[c] else 1.0 for c in range(CLASSES)]

    confident_joint = np.zeros((CLASSES, CLASSES), int)
    for row, label in zip(probabilities, labels):
        sure = [c for c in range(CLASSES) if row[c] >= thresholds[c]]
        if sure:
            confident_joint[label, max(sure, key=lambda c: row[c])] += 1
    sums = np.maximum(confident_joint.sum(axis=1), 1)
    calibrated = confident_joint * (counts / sums)[:, None]

    own = probabilities[np.arange(IMAGES), labels]
    taken = set()
    for i in range(CLASSES):
        images = np.flatnonzero(labels == i)
        wrong = int(np.rint(calibrated[i].sum() - calibrated[i, i]))
        taken.update(images[np.argsort(own[images], kind="stable")[:wrong]].tolist())

    likelihood, errors = -np.inf, None
    for step in range(41):
        scores = np.log(np.maximum(probabilities, 1e-30)) / np.exp(-2.5 + 0.1 * step)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        sharp = (powers / powers.sum(axis=1, keepdims=True))[np.arange(IMAGES), labels]
        part = 0.1
        for _ in range(60):
            wrong = part * (1 - sharp) / (CLASSES - 1)
            at_odds = wrong / (wrong + (1 - part) * sharp)
            part = at_odds.mean()
        found = np.log((1 - part) * sharp + part * (1 - sharp) / (CLASSES - 1)).sum()
        if found > likelihood:
            likelihood, errors, best = found, at_odds, (part, np.exp(-2.5 + 0.1 * step))
    pruned = [
        {"image": image, "suggestion": int(probabilities[image].argmax())}
        for image in sorted(taken)
        if probabilities[image].argmax() != labels[image]
    ]
    write_array(golden / "confident_learning" / "probabilities.npy", stored)
    write_json(
        golden / "confident_learning" / "expected.json",
        {
            "labels": labels.tolist(),
            "thresholds": thresholds,
            "confidentJoint": confident_joint.tolist(),
            "calibratedJoint": calibrated.tolist(),
            "pruned": pruned,
            "errorProbabilities": errors.tolist(),
            "suspects": [each for each in pruned if errors[each["image"]] > 0.5],
        },
    )
    print(len(pruned), "pruned,", int((errors > 0.5).sum()), "probably wrong,", best)


if __name__ == "__main__":
    main()
