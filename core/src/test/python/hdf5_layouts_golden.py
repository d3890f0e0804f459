"""Weights of Keras' layouts in HDF5 files whose own layout is a rare one.

    python hdf5_layouts_golden.py ../resources/golden     (h5py 3.14.0, HDF5 1.14)

hdf5_layouts/ gets one file for each; all hold 12 convolutions of one filter of 1x1, conv_a to conv_l, with kernels 1 to 12
and biases -1 to -12.

node_at_end      the last bytes are a group's B-tree node that is more than half full, as in Keras' Xception without top
user_block       after 1,024 bytes that are not HDF5's
latest           superblock 3, links and attributes in fractal heaps
latest_user_block    both
named            variable-length names that are called ASCII, and are UTF-8

Forged ones, of two convolutions or one, which name a part of themselves more than once, as often as they liked:

forged_layer_twice      the layer conv_a is listed twice
forged_array_twice      an array of conv_a is listed twice
forged_two_groups       conv_b is the group of conv_a (.h5), or conv2d_1 that of conv2d (.weights.h5)
forged_two_arrays       an array of conv_a is that of another name (.h5), or 1 is 0 (.weights.h5)
forged_circle           a group holds the root (.weights.h5)
forged_pieces           the pieces of a compressed array all lie in one place
"""

import struct
import zlib

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


def write_keras3(file, count=COUNT):
    for number in range(count):
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


def write_forged(folder):
    names = [layer(number) for number in range(2)]
    with h5py.File(folder / "forged_layer_twice.h5", "w") as file:
        write_legacy(file, names)
        file.attrs["layer_names"] = fixed_length([*names, layer(0)])
    with h5py.File(folder / "forged_array_twice.h5", "w") as file:
        write_legacy(file, names)
        name = f"{layer(0)}/kernel:0"
        file[layer(0)].attrs["weight_names"] = fixed_length([name, name])
    with h5py.File(folder / "forged_two_groups.h5", "w") as file:
        write_legacy(file, names)
        del file[layer(1)]
        file[layer(1)] = file[layer(0)]
    with h5py.File(folder / "forged_two_arrays.h5", "w") as file:
        write_legacy(file, names)
        group = file[layer(0)][layer(0)]
        del group["bias:0"]
        group["bias:0"] = group["kernel:0"]
    with h5py.File(folder / "forged_two_groups.weights.h5", "w") as file:
        write_keras3(file, 2)
        del file["layers/conv2d_1"]
        file["layers/conv2d_1"] = file["layers/conv2d"]
    with h5py.File(folder / "forged_two_arrays.weights.h5", "w") as file:
        write_keras3(file, 2)
        del file["layers/conv2d/vars/1"]
        file["layers/conv2d/vars/1"] = file["layers/conv2d/vars/0"]
    with h5py.File(folder / "forged_circle.weights.h5", "w") as file:
        write_keras3(file, 2)
        file["layers/conv2d/again"] = file["/"]
    write_shared_pieces(folder / "forged_pieces.h5")


def write_shared_pieces(path):
    """A kernel in pieces of one value each, of which all have the address of the first, which is long for its value."""
    value = struct.pack("<f", 1)
    nothing = b"\x00\x00\x00\xff\xff" * 400
    piece = b"\x78\x01" + nothing + b"\x01\x04\x00\xfb\xff" + value + struct.pack(">I", zlib.adler32(value))
    shape = (1, 1, 4, 8)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = fixed_length([layer(0)])
        group = file.create_group(layer(0))
        group.attrs["weight_names"] = fixed_length(["kernel:0"])
        kernel = group.create_dataset("kernel:0", shape, "<f4", chunks=(1, 1, 1, 1), compression="gzip")
        short = zlib.compress(value)
        for place in np.ndindex(shape):
            kernel.id.write_direct_chunk(place, piece if place == (0, 0, 0, 0) else short)
        first = kernel.id.get_chunk_info_by_coord((0, 0, 0, 0)).byte_offset
    data = bytearray(path.read_bytes())
    for place in np.ndindex(shape):
        # a key of the B-tree: the piece's size, its filters, its place; then its address
        at = data.find(struct.pack("<II5Q", len(short), 0, *place, 0))
        if place != (0, 0, 0, 0):
            assert at > 0
            data[at : at + 4] = struct.pack("<I", len(piece))
            data[at + 48 : at + 56] = struct.pack("<Q", first)
    path.write_bytes(data)


def main():
    folder = output_folder(__doc__) / "hdf5_layouts"
    folder.mkdir(parents=True, exist_ok=True)
    names = [layer(number) for number in range(COUNT)]
    write_node_at_end(folder / "node_at_end.h5")
    write_forged(folder)
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
