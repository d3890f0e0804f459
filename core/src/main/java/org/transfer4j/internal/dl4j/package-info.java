/**
 * Not for applications: takes networks of DL4J, in memory or in zip files, for backbones; reads a configuration as a
 * {@code Network} ({@code Dl4jNetwork}) and writes one of it ({@code Dl4jWriter}), for engines and formats.
 */
@NullMarked
package org.transfer4j.internal.dl4j;

import org.jspecify.annotations.NullMarked;
