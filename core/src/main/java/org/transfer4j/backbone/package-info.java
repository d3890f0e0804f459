/**
 * What a network is before it is fitted: its topology, and where its weights come from.
 */
@NullMarked
package org.transfer4j.backbone;

import org.jspecify.annotations.NullMarked;
