/** How far a classifier's outputs can be trusted, learned from images that it was not trained on: mathematics that knows no network. */
@NullMarked
package org.transfer4j.internal.calibration;

import org.jspecify.annotations.NullMarked;
