/**
 * Programs that show the library at work, each with a {@code main} and a {@code run} that the tests call.
 */
@NullMarked
package org.transfer4j.examples;

import org.jspecify.annotations.NullMarked;
