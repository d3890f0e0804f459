"""Training a head on features that are ready in memory, in Keras on TensorFlow:
python keras_head.py head --width 512 --images 60000 --batch 128 --epochs 3 [--hidden 256] [--optimizer ADAM]
"""

import argparse
import os
import statistics
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np

CLASSES = 10


class Speed(keras.callbacks.Callback):
    def __init__(self, images):
        super().__init__()
        self.images = images
        self.speeds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.speeds.append(self.images / (time.perf_counter() - self.start))
        print(f"epoch {epoch + 1}: {self.speeds[-1]:.0f} images/s, loss {logs['loss']:.4f}", flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["head"])
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--hidden", type=int, default=0)
parser.add_argument("--images", type=int, default=60000)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--optimizer", choices=["SGD", "ADAM"], default="SGD")
chosen = parser.parse_args()

random = np.random.default_rng(1)
features = random.random((chosen.images, chosen.width), dtype=np.float32)
labels = keras.utils.to_categorical(random.integers(0, CLASSES, chosen.images), CLASSES)
layers = [keras.Input((chosen.width,))]
if chosen.hidden > 0:
    layers.append(keras.layers.Dense(chosen.hidden, activation="relu"))
layers.append(keras.layers.Dense(CLASSES, activation="softmax"))
model = keras.Sequential(layers)
optimizer = keras.optimizers.Adam(1e-3) if chosen.optimizer == "ADAM" else keras.optimizers.SGD(0.01)
model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
speed = Speed(chosen.images)
model.fit(features, labels, batch_size=chosen.batch, epochs=chosen.epochs, verbose=0, callbacks=[speed])
# the first epoch compiles
print(f"images/s: {statistics.median_high(speed.speeds[1:] or speed.speeds):.0f}")
