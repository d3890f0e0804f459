/**
 * Not for applications: the weights in a zip that DL4J's ModelSerializer has written, read as plain data, without DL4J.
 * For {@code internal.weights}; the network itself is imported by {@code internal.dl4j}.
 */
@NullMarked
package org.transfer4j.internal.format.dl4j;

import org.jspecify.annotations.NullMarked;
