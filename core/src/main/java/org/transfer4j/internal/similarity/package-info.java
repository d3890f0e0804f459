/** Not for applications: the search for like vectors, and the file that they are in. */
@NullMarked
package org.transfer4j.internal.similarity;

import org.jspecify.annotations.NullMarked;
