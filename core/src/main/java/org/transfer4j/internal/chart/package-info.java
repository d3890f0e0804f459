/** Pictures of figures, in one style, as PNG and as SVG, and the pages that they are on; they know nothing of what the figures mean. */
@NullMarked
package org.transfer4j.internal.chart;

import org.jspecify.annotations.NullMarked;
