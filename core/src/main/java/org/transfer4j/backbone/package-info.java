/**
 * The networks to transfer from: topology, input size, preprocessing and weights, as pure descriptions.
 */
@NullMarked
package org.transfer4j.backbone;

import org.jspecify.annotations.NullMarked;
