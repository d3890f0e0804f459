/**
 * What a learner and a classifier do, in stages: fit, features, estimate, search for a learning rate, predict, evaluate,
 * calibrate, save and load. Each stage takes the {@link org.transfer4j.internal.run.Settings} that are its own, as values, and gives
 * values; only the public face in {@code org.transfer4j} composes them, and nothing here knows it.
 *
 * <p>An image on its way to a prediction: the public face has it decoded, {@link org.transfer4j.internal.run.Inference}
 * resizes and preprocesses it, and {@link org.transfer4j.internal.run.FittedNetwork} sends it through the frozen layers and
 * the trained ones. To a training: {@link org.transfer4j.internal.run.FitTask} labels it,
 * {@link org.transfer4j.internal.run.ExampleSupply} makes features of it, {@link org.transfer4j.internal.run.TrainingRun} has
 * them learned, phase by phase.
 */
@NullMarked
package org.transfer4j.internal.run;

import org.jspecify.annotations.NullMarked;
