/**
 * Not for applications: networks computed as their ops are written down, in plain Java. For machines on which no faster engine
 * has an op, and for tests of those that have. Knows networks and trunks, and no other engine.
 */
@NullMarked
package org.transfer4j.internal.engine.reference;

import org.jspecify.annotations.NullMarked;
