"""Test images from integers alone: ramps that wrap at 256, crossed by hyperbolas, and noise.

Pixel (n, y, x, c) of RGB images of height h and width w, in 64-bit integers:

    ramp  = (x * (3 + c) + y * (5 + 2 * c) + n * 37) ^ ((x * y) >> 4)
    index = ((n * h + y) * w + x) * 3 + c
    noise = splitmix64(fnv1a64("image") + index * 0x9E3779B97F4A7C15) >>> 60      (0 to 15)
    value = (ramp + noise) & 255

A gray image is channel 0. Run as a script in its folder, it writes images/images.json: the CRC-32
(of the bytes of one image in the order [y, x, c]) of every image that the networks see, which checks
a port to another language.

    python integer_images.py ../resources/golden     (NumPy 1.24 or 2.4; no other library)
"""

import zlib

import numpy as np

from golden_files import output_folder, write_json
from hash_weights import hashes

# size: number of images
CHECKED = {32: 64, 48: 4, 64: 2, 224: 2}
FIRST_ROW_SHOWN = 224


def images(count, height, width):
    """Images 0 to count - 1 of that size: uint8, [count, height, width, 3], RGB."""
    shape = (count, height, width, 3)
    n, y, x, c = np.indices(shape, dtype=np.int64)
    ramp = (x * (3 + c) + y * (5 + 2 * c) + n * 37) ^ ((x * y) >> 4)
    noise = (hashes("image", ramp.size) >> np.uint64(60)).astype(np.int64).reshape(shape)
    return ((ramp + noise) & 255).astype(np.uint8)


def checks(count, size):
    """CRC-32 of every image of a size; of large images the first row too, as [x, c] flattened."""
    for index, image in enumerate(images(count, size, size)):
        checksum = zlib.crc32(image.tobytes())
        check = {"height": size, "width": size, "index": index, "crc32": checksum}
        if size == FIRST_ROW_SHOWN:
            check["firstRow"] = image[0].ravel().tolist()
        yield check


def main():
    folder = output_folder(__doc__) / "images"
    all_checks = [check for size, count in CHECKED.items() for check in checks(count, size)]
    write_json(folder / "images.json", all_checks)


if __name__ == "__main__":
    main()
