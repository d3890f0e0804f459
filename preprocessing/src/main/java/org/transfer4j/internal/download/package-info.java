/**
 * Not for applications: fetches files once into the cache folder and verifies them.
 */
@NullMarked
package org.transfer4j.internal.download;

import org.jspecify.annotations.NullMarked;
