"""VGG16 without top in Keras on TensorFlow: python keras_vgg16.py features --size 224 --batch 8 --images 64"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf

import measure

chosen = measure.options()
shape = (chosen.size, chosen.size, 3)
model = keras.applications.VGG16(weights=None, include_top=False, input_shape=shape)
images = tf.constant(np.random.default_rng(1).random((chosen.batch, *shape), dtype=np.float32))
compiled = tf.function(lambda batch: model(batch, training=False))
measure.report(chosen, lambda: compiled(images).numpy())
