/**
 * Not for applications: trains by DL4J what oneDNN can't, and shows DL4J's listeners a training on oneDNN.
 */
@NullMarked
package org.transfer4j.internal.tail.dl4j;

import org.jspecify.annotations.NullMarked;
