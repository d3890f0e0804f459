"""How fast ONNX Runtime is from Java, beside Python's: one thread each, in turn.

    python speed.py FOLDER CLASSPATH [--node FOLDER] [NAME...]
    (onnxruntime 1.30.0, numpy 2.4.6)

takes the models that full_size_models.py wrote into FOLDER. Nine times each program computes a few batches of 8 images and as many
single ones, the first of both in turn, after three turns that do not count, so that what else the machine does meets both. Seconds are those of the process on a
core, all its threads together, so that waiting for one does not count. Prints medians of images/s, and the median and range of
the nine quotients, Java by Python. With the folder of an onnxruntime-node the peer is JavaScript, which, unlike Python, has the
runtime in the version of the Java artifact: what is left then is what the languages cost.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

ROUNDS = 9
SECONDS = 2
# the JVM compiles what it runs often while it runs, and its compiler's seconds are the process', too
WARM_UP = 3


def python(file, images):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(count):
        start = time.process_time()
        for _ in range(count):
            session.run(None, {name: images})
        return time.process_time() - start

    return run


def program(command, **more):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more)

    def run(count):
        process.stdin.write(f"{count}\n")
        process.stdin.flush()
        return float(process.stdout.readline())

    return run


def java(file, classpath, batch, side):
    return program(
        ["java", "-Xmx2g", "-Dtransfer4j.threads=1", "-cp", classpath]
        + ["org.transfer4j.onnxruntime.OnnxSpeed", str(file), str(batch), str(side)]
    )


def node(folder, file, batch, side, layout):
    script = Path(__file__).with_name("speed_node.js")
    return program(
        ["node", str(script), str(file), str(batch), str(side), layout],
        env={**os.environ, "NODE_PATH": f"{folder}/node_modules"},
    )


def compare(folder, classpath, name, batch, node_folder):
    side, layout = (folder / f"{name}.txt").read_text().split()[:2]
    side = int(side)
    file = folder / f"{name}.onnx"
    if node_folder:
        one = node(node_folder, file, batch, side, layout)
    else:
        images = np.random.default_rng(1).normal(0, 1, (batch, 3, side, side)).astype(np.float32)
        if layout == "nhwc":
            images = np.ascontiguousarray(images.transpose(0, 2, 3, 1))
        one = python(file, images)
    other = java(file, classpath, batch, side)
    one(2), other(2)
    count = max(1, round(SECONDS / one(1)))
    for _ in range(WARM_UP):
        one(count), other(count)
    times = []
    for i in range(ROUNDS):
        first = one(count) if i % 2 == 0 else None
        second = other(count)
        times.append((first if first is not None else one(count), second))
    speeds = np.array([[count * batch / t for t in pair] for pair in times])
    ratios = speeds[:, 1] / speeds[:, 0]
    print(
        f"| {name} | {batch} | {np.median(speeds[:, 0]):.2f} | {np.median(speeds[:, 1]):.2f} "
        f"| {np.median(ratios):.3f} ({ratios.min():.3f} to {ratios.max():.3f}) |",
        flush=True,
    )


def main(folder, classpath, *names):
    folder = Path(folder)
    node_folder = names[1] if names[:1] == ("--node",) else None
    names = names[2:] if node_folder else names
    print(f"| Model | batch | {'JavaScript' if node_folder else 'Python'}, images/s | Java, images/s | quotient |")
    for name in names or sorted(file.stem for file in folder.glob("*.txt")):
        for batch in (8, 1):
            compare(folder, classpath, name, batch, node_folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
