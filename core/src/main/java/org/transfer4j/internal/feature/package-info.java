/**
 * Not for applications: images through the trunk, once, and the features kept for the epochs.
 */
@NullMarked
package org.transfer4j.internal.feature;

import org.jspecify.annotations.NullMarked;
