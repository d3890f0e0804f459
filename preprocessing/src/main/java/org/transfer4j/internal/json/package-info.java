/** Not for applications: strict, versioned JSON objects, read field by field and never by class name. */
@NullMarked
package org.transfer4j.internal.json;

import org.jspecify.annotations.NullMarked;
