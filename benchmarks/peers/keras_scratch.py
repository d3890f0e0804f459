"""Training from files in Keras on TensorFlow, images/s of the second of two epochs:

python keras_scratch.py --data tiny-imagenet/train --size 64 --batch 128 --images 6400 [--augment]
"""

import argparse
import glob
import os
import random
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import tensorflow as tf
from keras import layers

import networks

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--size", type=int, default=64)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--images", type=int, default=6400)
parser.add_argument("--augment", action="store_true")
parser.add_argument("--precision", default="FLOAT32", choices=["FLOAT32", "BFLOAT16"])
chosen = parser.parse_args()
if chosen.precision == "BFLOAT16":
    keras.mixed_precision.set_global_policy("mixed_bfloat16")

classes = sorted(entry.name for entry in os.scandir(chosen.data) if entry.is_dir())
files = [
    (file, label)
    for label, name in enumerate(classes)
    for file in glob.glob(os.path.join(chosen.data, name, "*"))
]
random.Random(1).shuffle(files)
files = files[: chosen.images]
MEAN = tf.constant([0.485, 0.456, 0.406]) * 255
DEVIATION = tf.constant([0.229, 0.224, 0.225]) * 255


def crop(shape):
    """A part of 0.35 to 1 of the area, 3/4 to 4/3 as wide as high: torchvision's random resized crop."""
    begin, size, _ = tf.image.sample_distorted_bounding_box(
        shape,
        tf.zeros([0, 0, 4]),
        area_range=(0.35, 1),
        aspect_ratio_range=(3 / 4, 4 / 3),
        max_attempts=10,
        use_image_if_no_bounding_boxes=True,
    )
    return begin, size


def read(file, label):
    encoded = tf.io.read_file(file)
    if chosen.augment:
        begin, size = crop(tf.image.extract_jpeg_shape(encoded))
        window = tf.stack([begin[0], begin[1], size[0], size[1]])
        image = tf.image.decode_and_crop_jpeg(encoded, window, channels=3)
    else:
        image = tf.image.decode_jpeg(encoded, channels=3)
    image = tf.image.resize(image, (chosen.size, chosen.size))
    if chosen.augment:
        image = tf.image.random_flip_left_right(image)
    return (image - MEAN) / DEVIATION, tf.one_hot(label, len(classes))


names = tf.constant([file for file, _ in files])
labels = tf.constant([label for _, label in files])
data = (
    tf.data.Dataset.from_tensor_slices((names, labels))
    .shuffle(len(files), seed=1)
    .map(read, num_parallel_calls=tf.data.AUTOTUNE)
    .batch(chosen.batch, drop_remainder=True)
    .prefetch(tf.data.AUTOTUNE)
)
backbone = networks.tinyresnet((chosen.size, chosen.size, 3))
features = layers.GlobalAveragePooling2D()(backbone.output)
outputs = layers.Dense(len(classes), activation="softmax", dtype="float32")(features)
model = keras.Model(backbone.input, outputs)
model.compile(
    keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
)
seconds = []
for _ in range(2):
    start = time.perf_counter()
    model.fit(data, epochs=1, verbose=0)
    seconds.append(time.perf_counter() - start)
steps = len(files) // chosen.batch
start = time.perf_counter()
for _ in data:
    pass
print(f"input pipeline alone, images/s: {steps * chosen.batch / (time.perf_counter() - start):.2f}")
print(f"images/s: {steps * chosen.batch / seconds[1]:.2f}")
