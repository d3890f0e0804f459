/**
 * Programs that measure the library, and its peers beside it.
 */
@NullMarked
package org.transfer4j.benchmarks;

import org.jspecify.annotations.NullMarked;
