/**
 * What is put on a backbone: the layers from its features to class probabilities or numbers, as a pure description.
 */
@NullMarked
package org.transfer4j.head;

import org.jspecify.annotations.NullMarked;
