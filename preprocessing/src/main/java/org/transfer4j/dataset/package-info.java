/**
 * Labelled images: folders, CSV and IDX files, arrays and streams, decoded when they are needed, split, shuffled, and
 * read in batches.
 */
@NullMarked
package org.transfer4j.dataset;

import org.jspecify.annotations.NullMarked;
