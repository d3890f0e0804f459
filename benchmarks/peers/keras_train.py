"""Training in Keras on TensorFlow: python keras_train.py --from block5_conv1 --size 48 --batch 32 --images 320"""

import argparse
import os
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import networks


APPLICATIONS = {
    "resnet50": keras.applications.ResNet50,
    "mobilenetv2": keras.applications.MobileNetV2,
    "efficientnetb0": keras.applications.EfficientNetB0,
    "densenet121": keras.applications.DenseNet121,
}


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", default="vgg16", choices=["vgg16", "batchnorm", "tinyresnet", *APPLICATIONS])
    parser.add_argument("--from", dest="lowest", default="all")
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--images", type=int, default=320)
    parser.add_argument("--precision", default="FLOAT32", choices=["FLOAT32", "BFLOAT16"])
    return parser.parse_args()


def freeze_below(backbone, lowest):
    """Makes the named layer the lowest trainable one."""
    names = [layer.name for layer in backbone.layers]
    for layer in backbone.layers[: names.index(lowest)]:
        layer.trainable = False


chosen = options()
if chosen.precision == "BFLOAT16":
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
shape = (chosen.size, chosen.size, 3)
if chosen.backbone == "vgg16":
    backbone = keras.applications.VGG16(weights=None, include_top=False, input_shape=shape)
elif chosen.backbone in APPLICATIONS:
    backbone = APPLICATIONS[chosen.backbone](weights=None, include_top=False, input_shape=shape)
else:
    backbone = {"batchnorm": networks.batchnorm, "tinyresnet": networks.tinyresnet}[chosen.backbone](shape)
if chosen.lowest != "all":
    freeze_below(backbone, chosen.lowest)
features = layers.Flatten()(backbone.output)
model = keras.Model(backbone.input, layers.Dense(10, activation="softmax", dtype="float32")(features))
model.compile(keras.optimizers.SGD(0.001), "sparse_categorical_crossentropy")

random = np.random.default_rng(1)
images = tf.constant(random.random((chosen.batch, *shape), dtype=np.float32))
classes = tf.constant(random.integers(0, 10, chosen.batch))
steps = max(1, chosen.images // chosen.batch)
data = tf.data.Dataset.from_tensors((images, classes)).repeat()
model.fit(data, steps_per_epoch=max(2, steps // 4), epochs=1, verbose=0)
start = time.perf_counter()
model.fit(data, steps_per_epoch=steps, epochs=1, verbose=0)
print(f"images/s: {steps * chosen.batch / (time.perf_counter() - start):.2f}")
