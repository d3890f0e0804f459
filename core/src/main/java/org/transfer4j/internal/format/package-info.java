/**
 * Not for applications: what file formats have in common: layers and arrays that were stored and are not read yet, what a
 * network wants of them, strict JSON, and zip archives that nobody vouches for. The packages below, one a format, are
 * made of it, and it knows none of them.
 */
@NullMarked
package org.transfer4j.internal.format;

import org.jspecify.annotations.NullMarked;
