/**
 * Not for applications: the model file. One ZIP that holds all that a classifier needs, read back without Java
 * serialization and without loading a class that the file chose.
 */
@NullMarked
package org.transfer4j.internal.model;

import org.jspecify.annotations.NullMarked;
