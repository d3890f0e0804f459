/**
 * Not for applications: files that fail, files that are there whole or not at all, and files that must not stay.
 */
@NullMarked
package org.transfer4j.internal.file;

import org.jspecify.annotations.NullMarked;
