/**
 * Not for applications: what a network is.
 *
 * <p>{@code Network} is the library's own description, nodes over the sealed {@code Op}, with shapes, cuts, sizes and a summary; a
 * pass over it is an {@code Op.Visitor}. Values of parameters are kept apart ({@code ParameterValues}).
 */
@NullMarked
package org.transfer4j.internal.network;

import org.jspecify.annotations.NullMarked;
