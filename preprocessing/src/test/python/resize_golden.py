"""Resized images as OpenCV 4.6 makes them, and how far OpenCV 5.0 is from that.

    export PYTHONPATH=../../../../core/src/test/python
    python3 resize_golden.py resize cv2-4.6.npz                      (OpenCV 4.6.0, NumPy 1.24)
    python resize_golden.py resize cv2-5.0.npz                       (OpenCV 5.0.0, NumPy 2.4)
    python resize_golden.py write ../resources/golden cv2-4.6.npz cv2-5.0.npz     (either)

The first two commands keep all outputs in scratch files; the third writes resize/ from them. They
are run in this script's folder; the modules golden_files and integer_images lie in core's.
"""

import argparse
import zlib
from pathlib import Path

import cv2
import numpy as np

from golden_files import write_array, write_json
from integer_images import images

# (height, width) of the source and of the result
GRAY_CASES = (
    ((1, 1), (32, 32)),
    ((7, 13), (224, 224)),
    ((8, 8), (32, 32)),
    ((28, 28), (32, 32)),
    ((28, 28), (48, 48)),
    ((28, 28), (224, 224)),
    ((33, 57), (32, 32)),
    ((100, 60), (48, 48)),
)
COLOR_CASES = (((31, 47), (48, 48)),)
ROWS_OF_LARGE_RESULTS = 3
LARGE_HEIGHT = 224


def case_name(kind, source, target):
    return f"{kind}_{source[0]}x{source[1]}_to_{target[0]}x{target[1]}"


def source_images():
    """(case name, target size, source image) of every case."""
    for source, target in GRAY_CASES:
        yield case_name("gray", source, target), target, images(1, *source)[0, :, :, 0].copy()
    for source, target in COLOR_CASES:
        yield case_name("color", source, target), target, images(1, *source)[0]


def resized(image, target):
    """The image resized; a gray one via three equal channels, of which one is returned."""
    result = cv2.resize(image, (target[1], target[0]))
    if image.ndim == 3:
        return result
    rgb = cv2.cvtColor(result, cv2.COLOR_GRAY2BGR)
    assert (rgb == rgb[:, :, :1]).all()
    return rgb[:, :, 0]


def resize_all(file):
    outputs = {name: resized(image, target) for name, target, image in source_images()}
    np.savez(file, version=cv2.__version__, **outputs)


def write(golden, older_file, newer_file):
    older, newer = np.load(older_file), np.load(newer_file)
    assert str(older["version"]).startswith("4.6") and str(newer["version"]).startswith("5.0")
    folder = golden / "resize"
    cases = []
    for name, target, image in source_images():
        expected = older[name]
        difference = np.abs(expected.astype(int) - newer[name])
        assert difference.max() <= 1, name
        rows = ROWS_OF_LARGE_RESULTS if target[0] >= LARGE_HEIGHT else target[0]
        write_array(folder / f"{name}_input.npy", image)
        write_array(folder / f"{name}_cv2_4_6.npy", expected[:rows])
        cases.append(
            {
                "name": name,
                "source": image.shape,
                "target": expected.shape,
                "storedRows": rows,
                "crc32": zlib.crc32(expected.tobytes()),
                "cv2_5_0": {
                    "maxDifference": int(difference.max()),
                    "differingValues": int(np.count_nonzero(difference)),
                },
            }
        )
    write_json(folder / "resize.json", cases)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    resize = commands.add_parser("resize", help="resize with the OpenCV of this interpreter")
    resize.add_argument("file", type=Path, help=".npz to write")
    combine = commands.add_parser("write", help="write the golden files")
    combine.add_argument("golden", type=Path)
    combine.add_argument("older", type=Path, help=".npz of OpenCV 4.6")
    combine.add_argument("newer", type=Path, help=".npz of OpenCV 5.0")
    arguments = parser.parse_args()
    if arguments.command == "resize":
        resize_all(arguments.file)
    else:
        write(arguments.golden, arguments.older, arguments.newer)


if __name__ == "__main__":
    main()
