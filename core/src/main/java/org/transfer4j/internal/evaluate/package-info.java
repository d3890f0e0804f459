/**
 * Not for applications: what held-out images say of what is fitted: its evaluation, its calibration, its thresholds.
 */
@NullMarked
package org.transfer4j.internal.evaluate;

import org.jspecify.annotations.NullMarked;
