package org.transfer4j.internal.engine;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.network.Vertices;
import org.transfer4j.internal.onednn.OneDnn;
import org.transfer4j.internal.onednn.OneDnnTrunk;
import org.transfer4j.internal.onednn.UnsupportedGraphException;
import org.transfer4j.internal.trunk.Trunk;

/** Makes a trunk of a frozen graph: on oneDNN where the machine and the layers allow it, else on DL4J. */
public final class TrunkCompiler {
    private static final Logger LOG = LoggerFactory.getLogger(TrunkCompiler.class);

    private TrunkCompiler() {}

    /**
     * Makes a trunk for inference.
     *
     * @param frozen an initialised graph, one input [N, 3, height, width], one output
     */
    public static Trunk compile(ComputationGraph frozen, int height, int width) {
        long[] inputShape = {3, height, width};
        // with a GPU behind ND4J the graph is at home there
        boolean onCpu = Nd4j.getExecutioner().getClass().getName().contains("nativecpu");
        if (onCpu && OneDnn.available()) {
            try {
                return OneDnnTrunk.compile(frozen, inputShape);
            } catch (UnsupportedGraphException e) {
                LOG.info("the frozen layers run on DL4J, not on oneDNN: {}", e.getMessage());
            }
        }
        return onDl4j(frozen, height, width);
    }

    /**
     * Makes a trunk that DL4J itself computes, also where something faster could: to compare with.
     *
     * @param frozen an initialised graph, one input [N, 3, height, width], one output
     */
    public static Trunk onDl4j(ComputationGraph frozen, int height, int width) {
        InputType input = InputType.convolutional(height, width, 3);
        String output = frozen.getConfiguration().getNetworkOutputs().get(0);
        return new Dl4jTrunk(
                frozen, new long[] {3, height, width}, Vertices.outputShape(frozen.getConfiguration(), input, output));
    }
}
