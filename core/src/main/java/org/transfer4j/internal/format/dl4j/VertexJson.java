package org.transfer4j.internal.format.dl4j;

import com.fasterxml.jackson.databind.JsonNode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.transfer4j.internal.format.MalformedModelException;
import org.transfer4j.internal.format.StrictJson;

/** One vertex as DL4J's JSON and back, under the rules of {@link TopologyReader}. */
public final class VertexJson {
    private VertexJson() {}

    /**
     * Writes a vertex, without what says nothing of it: seeds, which are the clock's, and the updater. The same vertex gives
     * the same JSON.
     *
     * @throws IllegalArgumentException if DL4J can't write it
     */
    public static JsonNode write(GraphVertex vertex) {
        GraphVertex copy = vertex.clone();
        if (copy instanceof LayerVertex layer) {
            NeuralNetConfiguration configuration = layer.getLayerConf();
            configuration.setSeed(0);
            // by these names DL4J tells how a normalization's variance is kept; it notes them when it makes a network
            configuration.clearVariables();
            configuration
                    .getLayer()
                    .initializer()
                    .paramKeys(configuration.getLayer())
                    .forEach(configuration::addVariable);
            if (configuration.getLayer() instanceof BaseLayer weighted) {
                weighted.setIUpdater(new Sgd());
                weighted.setBiasUpdater(null);
            }
        }
        try {
            return StrictJson.parse(
                    TopologyReader.NAME,
                    TopologyReader.MAPPER.writerFor(GraphVertex.class).writeValueAsString(copy));
        } catch (JsonProcessingException | MalformedModelException e) {
            throw new IllegalArgumentException("a vertex of DL4J can't be written: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a vertex.
     *
     * @throws MalformedModelException if the JSON is none, or names a class that is not allowed
     */
    public static GraphVertex read(JsonNode json) throws MalformedModelException {
        TopologyCheck.checkVertex(json);
        GraphVertex vertex;
        try {
            vertex = TopologyReader.MAPPER.readValue(StrictJson.print(json), GraphVertex.class);
        } catch (JsonProcessingException e) {
            throw new MalformedModelException("is no vertex of DL4J: " + e.getOriginalMessage(), e);
        } catch (RuntimeException e) {
            throw new MalformedModelException("is no vertex of DL4J: " + e.getMessage(), e);
        }
        if (!GraphCheck.isComplete(vertex)) {
            throw new MalformedModelException("the vertex has no layer");
        }
        return vertex;
    }
}
