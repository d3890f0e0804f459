/**
 * Not for applications: backbone and head as one network, and where it is cut into what is frozen and what is trained.
 */
@NullMarked
package org.transfer4j.internal.plan;

import org.jspecify.annotations.NullMarked;
