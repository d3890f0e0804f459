/**
 * Not for applications: from encoded bytes to decoded pixels to network input. For datasets, features and
 * predictions; the parsers of headers are one class a format.
 */
@NullMarked
package org.transfer4j.internal.image;

import org.jspecify.annotations.NullMarked;
