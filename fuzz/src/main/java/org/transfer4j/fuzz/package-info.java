/** Looks for files that a parser does not survive; not published. */
@NullMarked
package org.transfer4j.fuzz;

import org.jspecify.annotations.NullMarked;
