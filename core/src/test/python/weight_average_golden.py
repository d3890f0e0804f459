"""Exponential moving averages of a Dense(10) head's weights over twenty steps.

    python weight_average_golden.py ../resources/golden     (PyTorch 2.13)

Features and labels are those of optimizers_golden: batches of 16 in order, labels (i * i) % 10. The
average is torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn, updated after each step.
"""

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from golden_files import output_folder, write_json
from hash_weights import hash_weights

BATCH = 16
STEPS = 20
CLASSES = 10
DECAY = 0.9


def main():
    golden = output_folder(__doc__)
    features = torch.from_numpy(np.load(golden / "head_training" / "features.npy"))
    labels = torch.tensor([i * i % CLASSES for i in range(64)])
    head = torch.nn.Linear(features.shape[1], CLASSES)
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(hash_weights("predictions/kernel", (features.shape[1], CLASSES)).T.copy()))
        head.bias.copy_(torch.from_numpy(hash_weights("predictions/bias", (CLASSES,))))
    optimizer = torch.optim.SGD(head.parameters(), 0.05)
    average = AveragedModel(head, multi_avg_fn=get_ema_multi_avg_fn(DECAY), use_buffers=True)
    for step in range(STEPS):
        start = step * BATCH % len(labels)
        rows = slice(start, start + BATCH)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(head(features[rows]), labels[rows]).backward()
        optimizer.step()
        average.update_parameters(head)
    write_json(
        golden / "optimizers" / "weight_average.json",
        {
            "torch": torch.__version__,
            "decay": DECAY,
            "steps": STEPS,
            "batch": BATCH,
            "average": figures(average.module),
            "weights": figures(head),
        },
    )


def figures(head):
    kernel = head.weight.detach().numpy().T.astype(np.float64)
    return {
        "kernelSquares": float((kernel**2).sum()),
        "kernelRow": [float(value) for value in kernel[7]],
        "bias": [float(value) for value in head.bias.detach().numpy()],
    }


if __name__ == "__main__":
    main()
