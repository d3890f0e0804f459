/**
 * Not for applications: gets weights from where a description says, tells the format of a file by its content, and
 * matches its layers with those of a network. For {@code internal.settings}.
 */
@NullMarked
package org.transfer4j.internal.weights;

import org.jspecify.annotations.NullMarked;
