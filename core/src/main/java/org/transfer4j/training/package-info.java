/** How a training went: {@link org.transfer4j.training.TrainingHistory}, one record for each epoch. */
@NullMarked
package org.transfer4j.training;

import org.jspecify.annotations.NullMarked;
