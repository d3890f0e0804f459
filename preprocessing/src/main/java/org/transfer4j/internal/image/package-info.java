/**
 * Not for applications: from encoded bytes to decoded pixels to network input.
 */
@NullMarked
package org.transfer4j.internal.image;

import org.jspecify.annotations.NullMarked;
