/**
 * From pixels of any size to what a network takes: gray to RGB, resizing as OpenCV does it, and the scaling modes that
 * pretrained weights expect.
 */
@NullMarked
package org.transfer4j.preprocessing;

import org.jspecify.annotations.NullMarked;
