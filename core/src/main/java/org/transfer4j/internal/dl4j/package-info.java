/**
 * Not for applications: takes networks of DL4J, in memory or in zip files, for backbones; reads a configuration as a
 * {@code Network} ({@code Dl4jNetwork}) and writes one of it ({@code Dl4jWriter}), for engines and formats. DL4J's JSON is read
 * and written without loading a class that a file chose ({@code Dl4jJson}), also for the model file, which keeps layers so that
 * only DL4J knows.
 */
@NullMarked
package org.transfer4j.internal.dl4j;

import org.jspecify.annotations.NullMarked;
