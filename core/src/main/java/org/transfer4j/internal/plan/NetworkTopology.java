package org.transfer4j.internal.plan;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.network.Network;

/** A network of ours as the topology of a backbone, which gives DL4J's configuration to those who ask for it. */
@FunctionalInterface
@SuppressWarnings("FunctionalInterfaceMethodChanged") // one method is given, the other follows from it
public interface NetworkTopology extends Topology, Network.Sized {
    @Override
    default ComputationGraphConfiguration configure(int height, int width) {
        return Dl4jWriter.write(network(height, width), new NoOp());
    }
}
