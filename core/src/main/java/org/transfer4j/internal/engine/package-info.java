/**
 * Not for applications: chooses what runs a frozen graph, oneDNN where it can and DL4J elsewhere.
 */
@NullMarked
package org.transfer4j.internal.engine;

import org.jspecify.annotations.NullMarked;
