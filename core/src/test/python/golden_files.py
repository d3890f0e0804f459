"""Writes golden values in the two formats that the Java tests read: .npy and JSON."""

import argparse
import json
from pathlib import Path

import numpy as np


def output_folder(description):
    """Parses the command line, whose only argument is the folder for the golden files."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("golden", type=Path, help="folder that receives the golden files")
    return parser.parse_args().golden


def write_array(path, array):
    """Stores float32, int32 or uint8 in C order; ND4J reads these and no others here."""
    if array.dtype not in (np.float32, np.int32, np.uint8):
        raise TypeError(f"{path}: unexpected type {array.dtype}")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.ascontiguousarray(array))


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
