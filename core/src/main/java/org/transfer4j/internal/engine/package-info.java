/**
 * Not for applications: chooses what runs frozen layers: oneDNN where it can, else ONNX Runtime where its module is there, else
 * DL4J, else plain Java; and what trains those above them.
 */
@NullMarked
package org.transfer4j.internal.engine;

import org.jspecify.annotations.NullMarked;
