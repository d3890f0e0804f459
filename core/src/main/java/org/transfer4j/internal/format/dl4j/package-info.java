/**
 * Not for applications: DL4J's JSON, read and written without loading a class that a file chose, and the array of numbers in
 * the zip of DL4J's ModelSerializer. For {@code internal.dl4j}, which imports networks of such zips and their weights, and for
 * the model file, which keeps layers so that only DL4J knows.
 */
@NullMarked
package org.transfer4j.internal.format.dl4j;

import org.jspecify.annotations.NullMarked;
