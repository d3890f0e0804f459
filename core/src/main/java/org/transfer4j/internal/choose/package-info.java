/**
 * Not for applications: which learner suits some images best, measured on the features of known backbones, and which images to
 * label next.
 */
@NullMarked
package org.transfer4j.internal.choose;

import org.jspecify.annotations.NullMarked;
