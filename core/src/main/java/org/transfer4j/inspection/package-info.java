/**
 * What is wrong with a data set: {@link org.transfer4j.inspection.DatasetInspection} finds images that can't be read, that are
 * there twice, in two parts or under two labels, labels that are probably wrong, and images unlike all others.
 */
@NullMarked
package org.transfer4j.inspection;

import org.jspecify.annotations.NullMarked;
