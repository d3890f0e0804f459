/** Gray to RGB, resizing and scaling: from decoded pixels to network input. */
@NullMarked
package org.transfer4j.preprocessing;

import org.jspecify.annotations.NullMarked;
