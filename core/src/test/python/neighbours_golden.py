"""Votes of nearest neighbours as DINOv2's evaluation has them: cosines, their softmax at a temperature, summed by class.

    python neighbours_golden.py ../resources/golden
    (torch 2.13.0)

Of the features and classes that probe_golden.py made, the first 200 images vote on the other 40.
"""

import numpy as np
import torch
import torch.nn.functional as F

from golden_files import output_folder, write_json

VOTING = 200
CASES = [(20, 0.07), (1, 0.07), (5, 0.2), (200, 0.01)]


def votes(features, classes, images, count, temperature):
    similarity = F.normalize(images, dim=1) @ F.normalize(features, dim=1).T
    nearest, which = similarity.topk(count, largest=True, sorted=True)
    weights = F.softmax(nearest / temperature, dim=1)
    each = F.one_hot(classes[which], int(classes.max()) + 1).double()
    return (each * weights.unsqueeze(-1)).sum(1)


def main():
    folder = output_folder(__doc__)
    features = torch.from_numpy(np.load(folder / "probe" / "features.npy")).double()
    classes = torch.from_numpy(np.load(folder / "probe" / "labels.npy").astype(np.int64))
    write_json(
        folder / "probe" / "neighbours.json",
        {
            "voting": VOTING,
            "cases": [
                {
                    "count": count,
                    "temperature": temperature,
                    "probabilities": votes(
                        features[:VOTING], classes[:VOTING], features[VOTING:], count, temperature
                    ).tolist(),
                }
                for count, temperature in CASES
            ],
        },
    )


if __name__ == "__main__":
    main()
