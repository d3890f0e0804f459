/**
 * Not for applications: the model file and the checkpoint, one ZIP that holds all that a classifier needs, read back
 * without Java serialization and without loading a class that the file chose. For
 * {@code internal.fitted} and {@code internal.fit}.
 */
@NullMarked
package org.transfer4j.internal.format.modelfile;

import org.jspecify.annotations.NullMarked;
