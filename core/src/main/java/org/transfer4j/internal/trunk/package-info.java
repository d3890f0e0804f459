/**
 * Not for applications: the frozen part of a network as a function from images to features.
 */
@NullMarked
package org.transfer4j.internal.trunk;

import org.jspecify.annotations.NullMarked;
