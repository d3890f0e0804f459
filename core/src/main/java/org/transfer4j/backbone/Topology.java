package org.transfer4j.backbone;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** Builds a backbone's graph for an input size. */
@FunctionalInterface
public interface Topology {
    /**
     * Builds the graph: one input [N, 3, height, width] (RGB or BGR as the preprocessing says), one output, no output
     * layer; data type float, layout NCHW, input types set so that each layer knows its number of inputs.
     *
     * @param height the input's height in pixels
     * @param width the input's width in pixels
     * @return a new configuration
     */
    ComputationGraphConfiguration configure(int height, int width);
}
