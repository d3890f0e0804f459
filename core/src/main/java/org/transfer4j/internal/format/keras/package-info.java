/**
 * Not for applications: files of Keras, {@code .h5} and {@code .keras}: their HDF5, the weights in it, and the
 * configuration of a model, whose layers become a {@code Network}'s nodes ({@code LayerConversion} has the table). For
 * {@code internal.weights} and {@code backbone}.
 */
@NullMarked
package org.transfer4j.internal.format.keras;

import org.jspecify.annotations.NullMarked;
