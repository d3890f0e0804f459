/**
 * Not for applications: what a network is.
 *
 * <p>{@code Network} is the library's own description, nodes over the sealed {@code Op}; a pass over it is an
 * {@code Op.Visitor}. {@code NetworkPlan} and what is around it put backbone and head together, cut them, initialise and
 * describe them, in DL4J's terms still.
 */
@NullMarked
package org.transfer4j.internal.network;

import org.jspecify.annotations.NullMarked;
