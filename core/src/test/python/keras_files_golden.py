"""Weight files in the layouts that Keras has written over the years, right and wrong ones.

    python keras_files_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0, h5py 3.14.0)

They go to weights/ and all hold hash weights of the narrow VGG16 (vgg16.py); Keras itself must read each right file and
refuse each wrong one, else the script fails. narrow_vgg16/ holds what these networks compute.
"""

import h5py
import keras
import numpy as np
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

import vgg16
from golden_files import output_folder, write_array
from hash_weights import hash_weights
from integer_images import images

SIZE = 32
HEAD64_SIZE = 64
HIDDEN = {"fc1": 8, "fc2": 8}
GZIP = {"compression": "gzip", "shuffle": True}
GZIP_FROM = 1024


def weights_of_2016(network):
    """{layer: {dataset name: array}} with the names in keras.applications' files of 2016."""
    layers = {}
    for layer in network.layers:
        name = "input_1" if isinstance(layer, keras.layers.InputLayer) else layer.name
        layers[name] = {
            f"{name}_{kind}_1:0": values for kind, values in zip("Wb", layer.get_weights())
        }
    return layers


def write_layout_of_2016(path, layers, gzip=False):
    """The layout of vgg16_weights_tf_dim_ordering_tf_kernels.h5 and its _notop sister.

    One group a layer, names in fixed-length byte strings, no attribute but layer_names at the root.
    Compression, which those files do not have, is for the larger datasets.
    """
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = fixed_length(layers)
        for layer, weights in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = fixed_length(weights)
            for name, values in weights.items():
                filters = GZIP if gzip and values.size >= GZIP_FROM else {}
                group.create_dataset(name, data=values, **filters)


def fixed_length(names):
    """h5py would make variable-length strings of a list; an empty array is float64, as in 2016."""
    return np.array([name.encode() for name in names])


def write_wrong(path, layers):
    """A file to be refused for its names or shapes: its values are zeros."""
    zeros = {
        layer: {name: np.zeros_like(values) for name, values in weights.items()}
        for layer, weights in layers.items()
    }
    write_layout_of_2016(path, zeros, gzip=True)


def write_wrong_files(folder, trunk):
    layers = weights_of_2016(trunk)
    narrower = {name: values[..., :-4] for name, values in layers["block3_conv2"].items()}
    write_wrong(folder / "wrong_shape.h5", {**layers, "block3_conv2": narrower})

    del layers["block4_conv2"]
    write_wrong(folder / "missing_layer.h5", layers)

    other = {}
    for layer, shape in {"conv_a": (3, 3, 3, 4), "conv_b": (3, 3, 4, 4)}.items():
        other[layer] = {
            f"{layer}_W_1:0": hash_weights(f"{layer}/kernel", shape),
            f"{layer}_b_1:0": hash_weights(f"{layer}/bias", shape[-1:]),
        }
    write_wrong(folder / "other_network.h5", other)


def check_read(path, network):
    """Keras must read the network's own weights from the file."""
    expected = network.get_weights()
    copy = keras.models.clone_model(network)
    copy.set_weights([np.zeros_like(values) for values in expected])
    copy.load_weights(path)
    for wanted, read in zip(expected, copy.get_weights()):
        np.testing.assert_array_equal(read, wanted, err_msg=str(path))


def check_refused(path, network):
    copy = keras.models.clone_model(network)
    try:
        copy.load_weights(path)
    except ValueError:
        return
    raise AssertionError(f"Keras reads {path}")


def write_trunk_files(folder, trunk):
    write_layout_of_2016(folder / "official_layout_notop.h5", weights_of_2016(trunk))
    trunk.save_weights(folder / "keras3.weights.h5")
    with h5py.File(folder / "legacy_save_weights.h5", "w") as file:
        save_weights_to_hdf5_group(file, trunk)
    for name in ("official_layout_notop.h5", "keras3.weights.h5", "legacy_save_weights.h5"):
        check_read(folder / name, trunk)

    write_wrong_files(folder, trunk)
    for name in ("wrong_shape.h5", "missing_layer.h5", "other_network.h5"):
        check_refused(folder / name, trunk)


def write_head_files(folder, network):
    network.compile(keras.optimizers.SGD(), loss="categorical_crossentropy")
    network.save_weights(folder / "keras3_with_head.weights.h5")
    network.save(folder / "legacy_full_model.h5")
    for name in ("keras3_with_head.weights.h5", "legacy_full_model.h5"):
        check_read(folder / name, network)
    keras.models.load_model(folder / "legacy_full_model.h5")


def write_top_file(folder, network):
    path = folder / "with_top.h5"
    write_layout_of_2016(path, weights_of_2016(network), gzip=True)
    check_read(path, network)


def write_head64_file(folder, network):
    path = folder / "head64.weights.h5"
    network.save_weights(path)
    check_read(path, network)


def main():
    golden = output_folder(__doc__)
    files, results = golden / "weights", golden / "narrow_vgg16"
    files.mkdir(parents=True, exist_ok=True)
    pixels = vgg16.unit(images(8, SIZE, SIZE))
    pixels64 = vgg16.unit(images(2, HEAD64_SIZE, HEAD64_SIZE))

    trunk = vgg16.narrow(SIZE)
    write_trunk_files(files, trunk)
    write_array(results / "features_unit_32.npy", trunk.predict(pixels, verbose=0))

    network = vgg16.with_head(trunk)
    write_head_files(files, network)
    write_array(results / "predictions_head_32.npy", network.predict(pixels, verbose=0))

    network = vgg16.with_head(trunk, HIDDEN)
    write_top_file(files, network)
    write_array(results / "predictions_top_32.npy", network.predict(pixels, verbose=0))

    trunk = vgg16.narrow(HEAD64_SIZE)
    network = vgg16.with_head(trunk)
    write_head64_file(files, network)
    write_array(results / "features_unit_64.npy", trunk.predict(pixels64, verbose=0))
    write_array(results / "predictions_head_64.npy", network.predict(pixels64, verbose=0))


if __name__ == "__main__":
    main()
