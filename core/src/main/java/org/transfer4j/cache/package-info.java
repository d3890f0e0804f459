/**
 * The feature cache: what frozen layers computed, kept on disk from fit to fit.
 */
@NullMarked
package org.transfer4j.cache;

import org.jspecify.annotations.NullMarked;
