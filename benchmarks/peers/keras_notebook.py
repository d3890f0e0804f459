"""The notebook's job in Keras on TensorFlow, all images as floats in memory as the notebook has them; prints peak memory:

python keras_notebook.py notebook --size 224 --batch 128 --images 512
"""

import argparse
import os
import resource

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["notebook"])
parser.add_argument("--size", type=int, default=224)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--images", type=int, default=512)
parser.add_argument("--epochs", type=int, default=1)
chosen = parser.parse_args()

gray = np.random.default_rng(1).integers(0, 256, (chosen.images, 28, 28, 1), dtype=np.uint8)
pixels = np.empty((chosen.images, chosen.size, chosen.size, 3), dtype=np.float32)
for i, image in enumerate(gray):
    pixels[i] = tf.image.resize(image, (chosen.size, chosen.size)).numpy() / 255
labels = keras.utils.to_categorical(np.arange(chosen.images) % 2, 2)

vgg16 = keras.applications.VGG16(weights=None, include_top=False, input_shape=(chosen.size, chosen.size, 3))
vgg16.trainable = False
model = keras.Sequential([vgg16, keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
rate = keras.optimizers.schedules.InverseTimeDecay(0.05, 1, 1e-5)
model.compile(keras.optimizers.SGD(rate), "categorical_crossentropy", metrics=["accuracy"])
model.fit(pixels, labels, batch_size=chosen.batch, epochs=chosen.epochs, verbose=0)
print(f"peak MB: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}")
