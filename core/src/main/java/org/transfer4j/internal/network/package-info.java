/**
 * Not for applications: assembles backbone and head to one graph, cuts it, initialises and describes it.
 */
@NullMarked
package org.transfer4j.internal.network;

import org.jspecify.annotations.NullMarked;
