"""A backbone without top in Keras on TensorFlow:

python keras_features.py features --backbone resnet50 --size 224 --batch 32 --images 320
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf

import measure

BACKBONES = {
    "vgg16": keras.applications.VGG16,
    "resnet50": keras.applications.ResNet50,
    "mobilenetv2": keras.applications.MobileNetV2,
    "efficientnetb0": keras.applications.EfficientNetB0,
    "densenet121": keras.applications.DenseNet121,
}

chosen = measure.options(BACKBONES)
shape = (chosen.size, chosen.size, 3)
model = BACKBONES[chosen.backbone](weights=None, include_top=False, input_shape=shape)
images = tf.constant(np.random.default_rng(1).random((chosen.batch, *shape), dtype=np.float32))
compiled = tf.function(lambda batch: model(batch, training=False))
measure.report(chosen, lambda: compiled(images).numpy())
