"""What the peers' scripts share: options, and the two ways to measure."""

import argparse
import statistics
import time


def options(backbones=("vgg16",)):
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["features", "latency"])
    parser.add_argument("--backbone", default="vgg16", choices=sorted(backbones))
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--images", type=int, default=64)
    return parser.parse_args()


def report(chosen, infer):
    """Warms up, measures `infer()` (one batch) as the library's programs do, and prints the figure."""
    if chosen.kind == "features":
        batches = max(1, chosen.images // chosen.batch)
        for _ in range(max(1, batches // 4)):
            infer()
        start = time.perf_counter()
        for _ in range(batches):
            infer()
        print(f"images/s: {batches * chosen.batch / (time.perf_counter() - start):.2f}")
    else:
        for _ in range(5):
            infer()
        milliseconds = []
        for _ in range(chosen.images):
            start = time.perf_counter()
            infer()
            milliseconds.append(1000 * (time.perf_counter() - start))
        print(f"p50 ms: {statistics.median(milliseconds):.2f}")
