/** Not for applications: what a label is, the same for datasets, encoders and classifiers. */
@NullMarked
package org.transfer4j.internal.label;

import org.jspecify.annotations.NullMarked;
