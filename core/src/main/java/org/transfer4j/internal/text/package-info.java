/**
 * Not for applications: tables of plain text, the same in every locale. For whatever prints one.
 */
@NullMarked
package org.transfer4j.internal.text;

import org.jspecify.annotations.NullMarked;
