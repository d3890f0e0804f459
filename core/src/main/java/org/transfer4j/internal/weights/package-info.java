/**
 * Not for applications: reads what Keras has written into HDF5 files and brings it into DL4J's layout.
 */
@NullMarked
package org.transfer4j.internal.weights;

import org.jspecify.annotations.NullMarked;
