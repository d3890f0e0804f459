/**
 * Not for applications: reads the configuration of a Keras model and turns its layers into DL4J's.
 */
@NullMarked
package org.transfer4j.internal.keras;

import org.jspecify.annotations.NullMarked;
