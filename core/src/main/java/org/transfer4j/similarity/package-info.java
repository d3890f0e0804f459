/** Like images: {@link org.transfer4j.similarity.FeatureIndex} finds those that a network takes for like others. */
@NullMarked
package org.transfer4j.similarity;

import org.jspecify.annotations.NullMarked;
