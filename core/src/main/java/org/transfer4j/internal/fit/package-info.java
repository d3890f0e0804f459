/**
 * Not for applications: a fit and what stands around it: cross-validation, estimate, search for a learning rate, features. Each
 * stage takes the {@link org.transfer4j.internal.settings.Settings} that are its own, as values, and gives values; the public
 * face in {@code org.transfer4j}, {@code internal.choose} and the module for Spark compose them.
 *
 * <p>Images on their way to a training: {@link org.transfer4j.internal.fit.FitTask} labels them,
 * {@link org.transfer4j.internal.fit.ExampleSupply} makes features of them, {@link org.transfer4j.internal.fit.TrainingRun} has
 * them learned, phase by phase.
 */
@NullMarked
package org.transfer4j.internal.fit;

import org.jspecify.annotations.NullMarked;
