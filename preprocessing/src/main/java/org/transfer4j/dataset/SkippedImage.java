package org.transfer4j.dataset;

import java.nio.file.Path;

/**
 * A file that was left out of a dataset.
 *
 * @param file the file
 * @param reason what is wrong with it
 */
public record SkippedImage(Path file, String reason) {}
