"""A smooth image moved as augmentation does it, by OpenCV alone.

    PYTHONPATH=../../../../core/src/test/python python3 warp_golden.py ../resources/golden    (OpenCV 4.6.0, NumPy 1.24)

writes warp/input.npy, uint8 [40, 60, 3], and warp/CASE.npy, uint8 of the case's target size. Each is
the image resized to the target and then flipped, turned, zoomed and shifted there, written as one
forward matrix of cv2.getRotationMatrix2D and plain products, so that neither the formulas nor the
direction of the mapping are those of the library.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from golden_files import write_array

# name: (height, width) of the target, mirrored, upside down, degrees, zoom, right, down, border
CASES = {
    "turned": ((40, 60), False, False, 15.0, 1.0, 0.0, 0.0, cv2.BORDER_REFLECT_101),
    "all_steps": ((40, 60), True, True, -25.0, 0.9, 3.5, -2.25, cv2.BORDER_REFLECT_101),
    "smaller": ((24, 32), True, False, 10.0, 1.1, -1.5, 2.0, cv2.BORDER_REPLICATE),
    "larger": ((64, 80), False, True, 30.0, 0.8, 4.0, 5.5, cv2.BORDER_CONSTANT),
}


def smooth_image():
    y, x = np.mgrid[0:40, 0:60].astype(np.float64)
    channels = [
        np.sin(x / 9 + phase) * np.cos(y / 7 - phase) * 110 + x + 90 - y / 2 for phase in (0, 1, 2)
    ]
    return np.clip(np.rint(np.stack(channels, axis=2)), 0, 255).astype(np.uint8)


def square(matrix):
    return np.vstack([matrix, [0, 0, 1]])


def forward_matrix(source, target, mirrored, upside_down, degrees, zoom, right, down):
    (source_height, source_width), (height, width) = source, target
    scale_x, scale_y = width / source_width, height / source_height
    resize = np.array([[scale_x, 0, (scale_x - 1) / 2], [0, scale_y, (scale_y - 1) / 2], [0, 0, 1]])
    flip = np.array(
        [
            [-1 if mirrored else 1, 0, width - 1 if mirrored else 0],
            [0, -1 if upside_down else 1, height - 1 if upside_down else 0],
            [0, 0, 1],
        ]
    )
    turn = square(cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, zoom))
    shift = np.array([[1, 0, right], [0, 1, down], [0, 0, 1]])
    return (shift @ turn @ flip @ resize)[:2]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("golden", type=Path, help="folder that receives the golden files")
    folder = parser.parse_args().golden / "warp"
    image = smooth_image()
    write_array(folder / "input.npy", image)
    for name, (target, *steps, border) in CASES.items():
        matrix = forward_matrix(image.shape[:2], target, *steps)
        size = (target[1], target[0])
        moved = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)
        write_array(folder / f"{name}.npy", moved)


if __name__ == "__main__":
    main()
