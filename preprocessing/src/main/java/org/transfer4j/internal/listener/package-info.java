/**
 * Not for applications: whoever is told how work goes. For downloads and fits.
 */
@NullMarked
package org.transfer4j.internal.listener;

import org.jspecify.annotations.NullMarked;
