/** What several tests share. */
@NullMarked
package org.transfer4j.testing;

import org.jspecify.annotations.NullMarked;
