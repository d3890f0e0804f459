/**
 * Not for applications: takes networks of DL4J, in memory or in zip files, for backbones.
 */
@NullMarked
package org.transfer4j.internal.dl4j;

import org.jspecify.annotations.NullMarked;
