/**
 * Not for applications: how many threads native code uses.
 */
@NullMarked
package org.transfer4j.internal.thread;

import org.jspecify.annotations.NullMarked;
