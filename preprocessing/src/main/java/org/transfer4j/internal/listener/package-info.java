/**
 * Not for applications: whoever is told how work goes.
 */
@NullMarked
package org.transfer4j.internal.listener;

import org.jspecify.annotations.NullMarked;
