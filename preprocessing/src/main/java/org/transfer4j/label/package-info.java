/** Labels of any text or integer to one-hot rows and back. */
@NullMarked
package org.transfer4j.label;

import org.jspecify.annotations.NullMarked;
