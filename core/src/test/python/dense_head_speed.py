"""The peer of HeadSpeed: Keras trains a head on features that are ready in memory, batch 128.

Usage: dense_head_speed.py WIDTH IMAGES HIDDEN EPOCHS sgd|adam (HIDDEN 0: the softmax layer alone)
"""

import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

CLASSES = 10
BATCH = 128


class Speed(keras.callbacks.Callback):
    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.start
        print(f"epoch {epoch + 1} images/s: {self.images / seconds:.0f} loss {logs['loss']:.4f}", flush=True)


def main(width, images, hidden, epochs, optimizer):
    random = np.random.default_rng(1)
    features = random.random((images, width), dtype=np.float32)
    labels = keras.utils.to_categorical(random.integers(0, CLASSES, images), CLASSES)
    layers = [keras.Input((width,))]
    if hidden > 0:
        layers.append(keras.layers.Dense(hidden, activation="relu"))
    layers.append(keras.layers.Dense(CLASSES, activation="softmax"))
    model = keras.Sequential(layers)
    chosen = keras.optimizers.Adam(1e-3) if optimizer == "adam" else keras.optimizers.SGD(0.01)
    model.compile(chosen, "categorical_crossentropy")
    model.fit(features, labels, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[Speed(images)])


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:5]), sys.argv[5])
