/** Not for applications: what a label is, the same for datasets, encoders, classifiers and model files. */
@NullMarked
package org.transfer4j.internal.label;

import org.jspecify.annotations.NullMarked;
