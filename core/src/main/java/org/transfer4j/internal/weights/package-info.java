/**
 * Not for applications: reads weights that Keras, PyTorch and DL4J have written and brings them into DL4J's layout.
 */
@NullMarked
package org.transfer4j.internal.weights;

import org.jspecify.annotations.NullMarked;
