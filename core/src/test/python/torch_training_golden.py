"""A few training steps of a small network with the ops that DL4J has not, in PyTorch.

    python torch_training_golden.py ../resources/golden     (PyTorch 2.13.0, CPU)

A convolution, a grouped one, a depthwise one with squeeze and excite, and a projection, each with batch normalization in
training mode and, but the projection, hard swish; then the mean of each channel and a dense layer. 8 integer images of
15x14, divided by 255, in one batch, labels i % 5, plain SGD, mean categorical cross-entropy. Weights are those of
hash_weights.py, by flat index in PyTorch's order. A loss is that before the step; weights are those after the last one.
PyTorch's running variance is of the unbiased estimate and is left out.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from golden_files import output_folder, write_json
from hash_weights import hash_weights
from integer_images import images

COUNT = 8
CLASSES = 5
STEPS = 6
RATE = 0.5
KINDS = {"running_mean": "moving_mean", "running_var": "moving_variance"}


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.stem_bn = nn.BatchNorm2d(8)
        self.grouped = nn.Conv2d(8, 16, 3, 1, 1, groups=4, bias=False)
        self.grouped_bn = nn.BatchNorm2d(16)
        self.depthwise = nn.Conv2d(16, 16, 5, 2, 2, groups=16, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(16)
        self.squeeze = nn.Conv2d(16, 4, 1)
        self.excite = nn.Conv2d(4, 16, 1)
        self.project = nn.Conv2d(16, 12, 1, bias=False)
        self.project_bn = nn.BatchNorm2d(12)
        self.predictions = nn.Linear(12, CLASSES)

    def forward(self, x):
        x = functional.hardswish(self.stem_bn(self.stem(x)))
        x = functional.hardswish(self.grouped_bn(self.grouped(x)))
        x = functional.hardswish(self.depthwise_bn(self.depthwise(x)))
        gate = torch.relu(self.squeeze(x.mean((2, 3), keepdim=True)))
        x = x * functional.hardsigmoid(self.excite(gate))
        x = self.project_bn(self.project(x))
        return self.predictions(x.mean((2, 3)))


def kind(name, normalizes):
    if name in KINDS:
        return KINDS[name]
    if normalizes:
        return {"weight": "gamma", "bias": "beta"}[name]
    return {"weight": "kernel", "bias": "bias"}[name]


def tensors(model):
    """Pairs of a name as the Java test has it and the tensor."""
    for layer, module in model.named_children():
        normalizes = isinstance(module, nn.BatchNorm2d)
        for name, tensor in module.state_dict(keep_vars=True).items():
            if name != "num_batches_tracked":
                yield f"{layer}/{kind(name, normalizes)}", tensor


def main():
    golden = output_folder(__doc__)
    model = Small()
    with torch.no_grad():
        for name, tensor in tensors(model):
            fan_in = tensor[0].numel() if name.endswith("/kernel") else 1
            values = hash_weights(name, (tensor.numel(),), fan_in**-0.5)
            tensor.copy_(torch.from_numpy(values).reshape(tensor.shape))
    pixels = torch.from_numpy(images(COUNT, 15, 14).astype(np.float32) / 255).permute(0, 3, 1, 2)
    labels = torch.arange(COUNT) % CLASSES
    descent = torch.optim.SGD(model.parameters(), lr=RATE)
    losses = []
    for _ in range(STEPS):
        descent.zero_grad()
        loss = functional.cross_entropy(model(pixels), labels)
        loss.backward()
        descent.step()
        losses.append(loss.item())
    weights = {
        name: [round(float(value), 7) for value in tensor.detach().numpy().ravel()]
        for name, tensor in tensors(model)
        if not name.endswith("/moving_variance")
    }
    write_json(golden / "fine_tuning" / "torch_training.json", {"rate": RATE, "losses": losses, "weights": weights})


if __name__ == "__main__":
    main()
