/**
 * Not for applications: how the native libraries are started.
 */
@NullMarked
package org.transfer4j.internal.natives;

import org.jspecify.annotations.NullMarked;
