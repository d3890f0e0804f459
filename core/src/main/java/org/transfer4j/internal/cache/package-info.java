/**
 * Not for applications: features kept on disk from fit to fit, found again by what they were computed from. For the
 * public {@code FeatureCache} and {@code internal.fit}.
 */
@NullMarked
package org.transfer4j.internal.cache;

import org.jspecify.annotations.NullMarked;
