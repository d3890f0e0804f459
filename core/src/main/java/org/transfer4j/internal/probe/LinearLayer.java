package org.transfer4j.internal.probe;

/**
 * A linear function of features for each class.
 *
 * @param weights [classes][features]; not copied
 * @param bias one a class; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record LinearLayer(double[][] weights, double[] bias) {}
