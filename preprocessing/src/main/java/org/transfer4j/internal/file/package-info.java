/**
 * Not for applications: files that fail, and files that must not stay.
 */
@NullMarked
package org.transfer4j.internal.file;

import org.jspecify.annotations.NullMarked;
