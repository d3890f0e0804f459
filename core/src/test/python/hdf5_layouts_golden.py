"""Weights of Keras' layouts in HDF5 files whose own layout is a rare one.

    python hdf5_layouts_golden.py ../resources/golden     (h5py 3.14.0, HDF5 1.14)

hdf5_layouts/ gets one file for each; all hold 12 convolutions of one filter of 1x1, conv_a to conv_l, with kernels 1 to 12
and biases -1 to -12.

node_at_end      the last bytes are a group's B-tree node that is more than half full, as in Keras' Xception without top
user_block       after 1,024 bytes that are not HDF5's
latest           superblock 3, links and attributes in fractal heaps
latest_user_block    both
named            variable-length names that are called ASCII, and are UTF-8
"""

import h5py
import numpy as np

from golden_files import output_folder

COUNT = 12


def layer(number):
    return "conv_" + "abcdefghijkl"[number]


def fixed_length(names):
    return np.array([name.encode() for name in names])


def write_legacy(file, names, texts=fixed_length):
    file.attrs["layer_names"] = texts(names)
    for number, name in enumerate(names, start=1):
        group = file.create_group(name)
        group.attrs["weight_names"] = texts([f"{name}/kernel:0", f"{name}/bias:0"])
        group[f"{name}/kernel:0"] = np.full((1, 1, 1, 1), number, np.float32)
        group[f"{name}/bias:0"] = np.full((1,), -number, np.float32)


def write_keras3(file):
    for number in range(COUNT):
        group = "conv2d" if number == 0 else f"conv2d_{number}"
        variables = file.create_group(f"layers/{group}/vars")
        variables.attrs["name"] = layer(number)
        variables["0"] = np.full((1, 1, 1, 1), number + 1, np.float32)
        variables["1"] = np.full((1,), -number - 1, np.float32)


def variable_length(names):
    values = np.array([name.encode() for name in names], dtype=object)
    return values.astype(h5py.string_dtype("ascii"))


def ends_with_full_node(path):
    """Whether the last node of a group's B-tree, which has room for 32, has more than 16 and ends with the file."""
    with open(path, "rb") as file:
        data = file.read()
    at = data.rfind(b"TREE")
    entries = int.from_bytes(data[at + 6 : at + 8], "little")
    return len(data) - at == 24 + (2 * 32 + 1) * 8 and entries > 16


def write_node_at_end(path):
    """As many other names of a layer as it takes for a node to come last."""
    for others in range(70, 400):
        with h5py.File(path, "w") as file:
            write_legacy(file, [layer(number) for number in range(COUNT)])
            for number in range(others):
                file[f"z{number:03d}"] = file[layer(0)]
        if ends_with_full_node(path):
            print(f"{path}: {others} other names")
            return
    raise AssertionError("no such layout found")


def main():
    folder = output_folder(__doc__) / "hdf5_layouts"
    folder.mkdir(parents=True, exist_ok=True)
    names = [layer(number) for number in range(COUNT)]
    write_node_at_end(folder / "node_at_end.h5")
    with h5py.File(folder / "user_block.h5", "w", userblock_size=1024) as file:
        write_legacy(file, names)
    with h5py.File(folder / "latest.h5", "w", libver="latest") as file:
        write_legacy(file, names)
        for number in range(20):
            file.attrs[f"attribute {number}"] = number
    with h5py.File(folder / "latest_user_block.h5", "w", libver="latest", userblock_size=512) as file:
        write_keras3(file)
    with h5py.File(folder / "named.h5", "w") as file:
        write_legacy(file, ["größe_" + name for name in names], variable_length)


if __name__ == "__main__":
    main()
