/**
 * Not for applications: what a network is.
 *
 * <p>{@code Network} is the library's own description, nodes over the sealed {@code Op}; a pass over it is an
 * {@code Op.Visitor}. The values of its parameters are kept apart ({@code ParameterValues}).
 */
@NullMarked
package org.transfer4j.internal.network;

import org.jspecify.annotations.NullMarked;
