/**
 * Not for applications: fetches files once into the cache folder and verifies them. For datasets and weights.
 */
@NullMarked
package org.transfer4j.internal.download;

import org.jspecify.annotations.NullMarked;
