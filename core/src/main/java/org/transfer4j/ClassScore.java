package org.transfer4j;

/**
 * One class of a prediction.
 *
 * @param label the class's name
 * @param classIndex its index in the classifier's class table, from 0
 * @param probability in [0, 1]
 */
public record ClassScore(String label, int classIndex, double probability) {}
