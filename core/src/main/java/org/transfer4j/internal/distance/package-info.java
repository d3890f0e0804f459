/** How far vectors are from each other, and which are the nearest: for all that compares images by their features. */
@NullMarked
package org.transfer4j.internal.distance;

import org.jspecify.annotations.NullMarked;
