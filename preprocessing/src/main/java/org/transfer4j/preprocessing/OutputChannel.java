package org.transfer4j.preprocessing;

/**
 * One channel of a network's input: where it comes from, and the arithmetic on each value.
 *
 * <p>{@code (value / divisor - mean) / deviation}, every step rounded to float32, is what Keras and torchvision compute
 * one after the other; a step that a mode doesn't have (divisor 1, mean 0, deviation 1) is exact. That makes one formula
 * agree to the last bit with all of them.
 *
 * @param source the channel that it is made of: 0 red, 1 green, 2 blue
 * @param divisor applied first
 * @param mean subtracted next
 * @param deviation divides last
 */
record OutputChannel(int source, float divisor, float mean, float deviation) {
    float apply(float value) {
        return (value / divisor - mean) / deviation;
    }
}
