"""Twenty SGD steps of a Flatten + Dense(10) head on frozen VGG16 features.

    python head_training_golden.py ../resources/golden     (Keras 3.15.1, tensorflow-cpu 2.21.0)

64 images of 32x32, pixels / 255, labels i % 10, batches of 16 in order, 5 epochs; the step's rate
is 0.05 / (1 + decay * step), step counting from 0, as in SGD(lr, decay) of Keras 1 and 2. A loss
is that of its batch before the update (categorical cross-entropy, mean over the batch).
"""

import keras
import numpy as np

import vgg16
from golden_files import output_folder, write_array, write_json
from integer_images import images

COUNT = 64
SIZE = 32
BATCH = 16
EPOCHS = 5
RATE = 0.05
DECAYS = (1e-5, 0.1)


def new_head(width):
    features = keras.Input((width,))
    predictions = keras.layers.Dense(vgg16.CLASSES, activation="softmax", name="predictions")
    return vgg16.with_hash_weights(keras.Model(features, predictions(features)))


def train(head, decay, features, labels):
    """Trains the head and returns the loss of every batch."""
    rate = keras.optimizers.schedules.InverseTimeDecay(RATE, decay_steps=1, decay_rate=decay)
    head.compile(keras.optimizers.SGD(rate), loss="categorical_crossentropy")
    targets = keras.utils.to_categorical(labels, vgg16.CLASSES)
    starts = list(range(0, COUNT, BATCH)) * EPOCHS
    return [
        float(head.train_on_batch(features[s : s + BATCH], targets[s : s + BATCH])) for s in starts
    ]


def main():
    folder = output_folder(__doc__) / "head_training"
    pixels = vgg16.unit(images(COUNT, SIZE, SIZE))
    features = vgg16.full(SIZE).predict(pixels, verbose=0).reshape(COUNT, -1)
    labels = np.arange(COUNT, dtype=np.int32) % vgg16.CLASSES
    write_array(folder / "features.npy", features)
    write_array(folder / "labels.npy", labels)

    runs = []
    for decay in DECAYS:
        head = new_head(features.shape[1])
        losses = train(head, decay, features, labels)
        kernel, bias = head.get_layer("predictions").get_weights()
        write_array(folder / f"kernel_decay_{decay:g}.npy", kernel)
        write_array(folder / f"bias_decay_{decay:g}.npy", bias)
        runs.append({"rate": RATE, "decay": decay, "losses": losses})
    write_json(folder / "head_training.json", {"batch": BATCH, "epochs": EPOCHS, "runs": runs})


if __name__ == "__main__":
    main()
