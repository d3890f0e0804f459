/**
 * Not for applications: how the native libraries are started. For all that calls one first.
 */
@NullMarked
package org.transfer4j.internal.natives;

import org.jspecify.annotations.NullMarked;
