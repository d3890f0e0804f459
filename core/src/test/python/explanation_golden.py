"""Grad-CAM and Score-CAM by PyTorch's own gradients, on the narrow VGG16 with hash weights and a softmax of its flat features.

    python explanation_golden.py ../resources/golden     (torch 2.13.0)

writes explanation/explanation.json. Of each case: the layer, the class, its map of 0..1 by both methods, and of the last layer
the map of Grad-CAM at the image's size. Grad-CAM: R. Selvaraju and others, 2017; Score-CAM: H. Wang and others, 2020, with the
probability of the class after softmax, less that of an input of zeros.
"""

import numpy as np
import torch
import torch.nn.functional as F

from golden_files import output_folder, write_json
from hash_weights import hash_weights
from integer_images import images

SIZE = 64
CLASSES = 10
CONVOLUTIONS_PER_BLOCK = (2, 2, 3, 3, 3)
FILTERS_PER_BLOCK = (2, 4, 8, 16, 16)
LAYERS = ("block5_pool", "block5_conv2", "block4_pool", "block3_conv1")


def weights(name, shape):
    return torch.from_numpy(hash_weights(name, shape).astype(np.float64))


def layers():
    """Names and functions, from the lowest."""
    channels = 3
    for block, (filters, count) in enumerate(zip(FILTERS_PER_BLOCK, CONVOLUTIONS_PER_BLOCK), start=1):
        for convolution in range(1, count + 1):
            name = f"block{block}_conv{convolution}"
            kernel = weights(f"{name}/kernel", (3, 3, channels, filters)).permute(3, 2, 0, 1)
            bias = weights(f"{name}/bias", (filters,))
            yield name, lambda x, kernel=kernel, bias=bias: torch.relu(F.conv2d(x, kernel, bias, padding=1))
            channels = filters
        yield f"block{block}_pool", lambda x: F.max_pool2d(x, 2)
    features = (SIZE // 32) ** 2 * channels
    kernel = weights("predictions/kernel", (features, CLASSES))
    bias = weights("predictions/bias", (CLASSES,))
    # Keras flattens channels last
    yield "scores", lambda x: x.permute(0, 2, 3, 1).flatten(1) @ kernel + bias


NETWORK = list(layers())


def run(x, first=None, last=None):
    """The layers after the first one and up to the last one."""
    started = first is None
    for name, function in NETWORK:
        if started:
            x = function(x)
        started = started or name == first
        if name == last:
            return x
    return x


def scaled(weighted):
    heat = torch.relu(weighted)
    return heat / heat.max() if heat.max() > 0 else heat


def grad_cam(pixels, layer, wanted):
    values = run(pixels, last=layer).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(run(values, first=layer)[0, wanted], values)
    return scaled((gradient.mean((2, 3), keepdim=True) * values.detach()).sum(1)[0])


def score_cam(pixels, layer, wanted):
    values = run(pixels, last=layer)
    masks = F.interpolate(values, (SIZE, SIZE), mode="bilinear", align_corners=False)[0]
    nothing = torch.softmax(run(torch.zeros_like(pixels)), 1)[0, wanted]
    total = torch.zeros(values.shape[2:], dtype=values.dtype)
    for mask, channel in zip(masks, values[0]):
        spread = mask.max() - mask.min()
        mask = (mask - mask.min()) / spread if spread > 0 else torch.zeros_like(mask)
        total += (torch.softmax(run(pixels * mask), 1)[0, wanted] - nothing) * channel
    return scaled(total)


def rounded(values):
    return np.round(values.detach().numpy(), 7).tolist()


def main():
    golden = output_folder(__doc__)
    pixels = torch.from_numpy(images(2, SIZE, SIZE)[1:2].transpose(0, 3, 1, 2) / 255)
    probabilities = torch.softmax(run(pixels), 1)[0]
    cases = []
    for layer in LAYERS:
        for wanted in (int(probabilities.argmax()), 3):
            heat = grad_cam(pixels, layer, wanted)
            case = {
                "layer": layer,
                "class": wanted,
                "gradCam": rounded(heat),
                "scoreCam": rounded(score_cam(pixels, layer, wanted)),
            }
            if layer == "block5_pool":
                large = F.interpolate(heat[None, None], (SIZE, SIZE), mode="bilinear", align_corners=False)[0, 0]
                case["heat"] = rounded(large[::9, ::7])
            cases.append(case)
    write_json(golden / "explanation" / "explanation.json", {"probabilities": rounded(probabilities), "cases": cases})


if __name__ == "__main__":
    main()
