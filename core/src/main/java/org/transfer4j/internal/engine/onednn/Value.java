package org.transfer4j.internal.engine.onednn;

import org.transfer4j.internal.network.Shape;

/** The result of an operation, or the program's input: an image, also where it stands for a vector. */
record Value(int id, Shape shape) {}
