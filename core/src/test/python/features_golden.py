"""Features of VGG16 at block5_pool, and class probabilities of Flatten + Dense(10) on them.

    python features_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0)

The bound of the softmax kernel is multiplied by a factor (in vgg16.json) that suits the scale of
each preprocessing, so that the probabilities are spread rather than 0 and 1.
"""

import keras

import vgg16
from golden_files import output_folder, write_array, write_json
from hash_weights import bound
from integer_images import images

IMAGES = {32: 8, 48: 4, 224: 2}
STORED_FEATURES = {32: 8, 48: 4, 224: 1}
PREDICTIONS_FACTOR = {"unit": 1 / 2, "caffe": 1 / 256}


def main():
    folder = output_folder(__doc__) / "vgg16"
    cases = []
    for size, count in IMAGES.items():
        trunk = vgg16.full(size)
        for name, preprocess in vgg16.PREPROCESSINGS.items():
            factor = PREDICTIONS_FACTOR[name]
            network = vgg16.with_head(trunk, predictions_factor=factor)
            both = keras.Model(network.input, [trunk.output, network.output])
            features, predictions = both.predict(preprocess(images(count, size, size)), verbose=0)
            features = features[: STORED_FEATURES[size]]
            write_array(folder / f"features_{name}_{size}.npy", features)
            write_array(folder / f"predictions_{name}_{size}.npy", predictions)
            kernel = network.get_layer("predictions").kernel
            cases.append(
                {
                    "preprocessing": name,
                    "size": size,
                    "featuresShape": features.shape,
                    "predictionsShape": predictions.shape,
                    "predictionsKernelFactor": factor,
                    "predictionsKernelBound": bound(kernel.path, kernel.shape) * factor,
                }
            )
    write_json(folder / "vgg16.json", cases)


if __name__ == "__main__":
    main()
