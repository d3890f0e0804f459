/**
 * Not for applications: files that fail, files that are there whole or not at all, and files that must not stay. For
 * whatever reads or writes files.
 */
@NullMarked
package org.transfer4j.internal.file;

import org.jspecify.annotations.NullMarked;
