/**
 * Not for applications: what augmentation does to the pixels of one image. Knows numbers, not descriptions. For
 * the public augmentation, and for datasets and features, which apply it.
 */
@NullMarked
package org.transfer4j.internal.augment;

import org.jspecify.annotations.NullMarked;
