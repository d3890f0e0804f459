/**
 * Not for applications: trains what is above the cut.
 */
@NullMarked
package org.transfer4j.internal.tail;

import org.jspecify.annotations.NullMarked;
