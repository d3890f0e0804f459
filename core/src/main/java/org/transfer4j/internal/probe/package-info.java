/** What is learned from frozen features without gradient descent over epochs: mathematics that knows no network. */
@NullMarked
package org.transfer4j.internal.probe;

import org.jspecify.annotations.NullMarked;
