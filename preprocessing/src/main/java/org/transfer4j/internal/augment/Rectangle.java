package org.transfer4j.internal.augment;

/**
 * A part of an image.
 *
 * @param top its first row
 * @param left its first column
 * @param height in rows
 * @param width in columns
 */
public record Rectangle(int top, int left, int height, int width) {}
