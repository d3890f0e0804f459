/** Not for applications: records as JSON and back, strictly and never by class name. For whoever writes or reads JSON. */
@NullMarked
package org.transfer4j.internal.json;

import org.jspecify.annotations.NullMarked;
