/**
 * Not for applications: what an interrupted thread means.
 */
@NullMarked
package org.transfer4j.internal.interrupt;

import org.jspecify.annotations.NullMarked;
