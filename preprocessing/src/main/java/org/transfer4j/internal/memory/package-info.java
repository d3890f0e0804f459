/**
 * Not for applications: how much memory outside of the heap the library may take. For whatever allocates it.
 */
@NullMarked
package org.transfer4j.internal.memory;

import org.jspecify.annotations.NullMarked;
