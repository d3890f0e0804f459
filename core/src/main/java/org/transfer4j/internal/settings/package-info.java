/**
 * Not for applications: all that a learner was told, as values ({@link org.transfer4j.internal.settings.Settings}), and the parameters
 * that its network begins with.
 */
@NullMarked
package org.transfer4j.internal.settings;

import org.jspecify.annotations.NullMarked;
