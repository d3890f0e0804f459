/**
 * Not for applications: what an interrupted thread means. For whatever takes long or reads and writes files.
 */
@NullMarked
package org.transfer4j.internal.interrupt;

import org.jspecify.annotations.NullMarked;
