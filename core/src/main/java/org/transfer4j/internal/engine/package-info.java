/**
 * Not for applications: chooses what runs a frozen graph, oneDNN where it can, DL4J elsewhere, and plain Java for
 * what neither can.
 */
@NullMarked
package org.transfer4j.internal.engine;

import org.jspecify.annotations.NullMarked;
