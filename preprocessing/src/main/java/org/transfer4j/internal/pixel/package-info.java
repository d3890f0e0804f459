/**
 * Not for applications: range checks, rounding and resizing of pixels, shared by the public preprocessing and the image
 * pipeline. Knows neither of them.
 */
@NullMarked
package org.transfer4j.internal.pixel;

import org.jspecify.annotations.NullMarked;
