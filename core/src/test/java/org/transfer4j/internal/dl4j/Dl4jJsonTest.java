package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.internal.format.StrictJson;
import org.transfer4j.internal.format.modelfile.Initialized;
import org.transfer4j.internal.format.modelfile.SampleModel;

class Dl4jJsonTest {
    private static final Path FILE = Path.of("model.t4j");
    private static final String PROBE = "org.transfer4j.internal.format.modelfile.HostileProbe";

    @AfterEach
    void nothingHostileWasLoaded() {
        assertThat(Initialized.CLASSES).doesNotContain("HostileProbe");
    }

    @Test
    void readsWhatDeeplearning4jReads() {
        String json = RichTopology.configuration().toJson();

        ComputationGraphConfiguration read = Dl4jJson.graph(FILE, json);

        assertThat(read).isEqualTo(ComputationGraphConfiguration.fromJson(json));
        assertThat(read.toJson()).isEqualTo(json);
    }

    @Test
    void readsTheConfigurationOfATrainableGraph() {
        ComputationGraph graph = new ComputationGraph(RichTopology.configuration());
        graph.init();
        String json = graph.getConfiguration().toJson();

        ComputationGraph read = new ComputationGraph(Dl4jJson.graph(FILE, json));
        read.init();

        assertThat(read.numParams()).isEqualTo(graph.numParams());
        assertThat(read.paramTable().keySet()).isEqualTo(graph.paramTable().keySet());
    }

    @Test
    void refusesAForeignClassInEveryPlaceOfAType() throws Exception {
        JsonNode good = StrictJson.parse("good", RichTopology.configuration().toJson());
        List<ObjectNode> typed = new ArrayList<>();
        collectTyped(good, typed);
        assertThat(typed).hasSizeGreaterThan(100);
        for (ObjectNode object : typed) {
            String property = object.has("@class") ? "@class" : "type";
            JsonNode before = object.get(property);
            object.put(property, PROBE);
            assertRefused(good.toString(), property + " is \"" + PROBE + "\"");
            object.set(property, before);
        }
        assertThat(Dl4jJson.graph(FILE, good.toString())).isNotNull();
    }

    @Test
    void refusesAForeignClassUnderEveryOtherName() throws Exception {
        JsonNode good = StrictJson.parse("good", RichTopology.configuration().toJson());
        List<ObjectNode> objects = new ArrayList<>();
        collect(good, objects);
        for (ObjectNode object : objects) {
            for (String property : List.of("className", "@type", "@c", "foo", "type")) {
                if (!object.has(property)) {
                    object.put(property, PROBE);
                    assertRefused(good.toString(), "which model files may not name");
                    object.remove(property);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'vertices':{'a':{'@class':'com.sun.rowset.JdbcRowSetImpl','dataSourceName':'ldap://x'}}}",
                "{'vertices':{'a':{'LayerVertex':{'layerConf':{'layer':{'" + PROBE + "':{}}}}}}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.graph.LayerVertex','layerConf':{'layer':"
                        + "{'@class':'org.deeplearning4j.nn.conf.layers.DenseLayer','nin':1,'nout':1,"
                        + "'weightInit':'DISTRIBUTION','dist':{'type':'" + PROBE + "'}}}}}}",
                "{'vertices':{'a':'" + PROBE + "'}}",
                "{'vertices':{'a':['" + PROBE + "',{}]}}",
                "{'vertices':['" + PROBE + "',{}]}",
                "{'vertexInputs':{'a':{'@class':'" + PROBE + "'}}}",
                "{'vertexInputs':{'a':[['" + PROBE + "',{}]]}}",
                "{'networkInputs':['java.util.ArrayList',[{'@class':'" + PROBE + "'}]]}",
                "{'networkInputs':{'@class':'" + PROBE + "'}}",
                "{'defaultConfiguration':{'layer':{'@class':'HostileProbe'}}}",
                "{'defaultConfiguration':{'layer':{'@class':['" + PROBE + "']}}}",
                "{'defaultConfiguration':{'layer':{'@class':'[L" + PROBE + ";'}}}",
                "{'defaultConfiguration':{'layer':{'@class':'java.util.List<" + PROBE + ">'}}}",
                "{'defaultConfiguration':{'layer':{'@class':' org.deeplearning4j.nn.conf.layers.DenseLayer'}}}",
                "{'defaultConfiguration':{'layer':{'@class':null}}}",
                "{'defaultConfiguration':{'layer':{'layerName':{'@class':'" + PROBE + "'}}}}",
                "{'defaultConfiguration':{'" + PROBE + "':{}}}",
                "{'@class':'" + PROBE + "'}",
            })
    void refusesForeignClassesInOldAndTwistedForms(String json) {
        assertRefused(json.replace('\'', '"'), "which model files may not name");
    }

    @Test
    void refusesAPropertyThatIsThereTwice() {
        assertRefused(
                "{\"vertices\":{\"a\":{\"@class\":\"org.deeplearning4j.nn.conf.graph.MergeVertex\",\"@class\":\""
                        + PROBE + "\"}}}",
                "Duplicate field");
    }

    @Test
    void asksForEveryNameEvenWithoutTheCheckOfTheText() {
        String hostile = SampleModel.configuration()
                .toJson()
                .replace("org.deeplearning4j.nn.conf.layers.ConvolutionLayer", PROBE);

        assertThatThrownBy(() -> Dl4jJson.unchecked(hostile, ComputationGraphConfiguration.class))
                .hasMessageContaining("denied resolution");
    }

    /** Shows that the danger is real and that the probe works: DL4J's own reader initializes what it is told to. */
    @Test
    void isNeededBecauseDeeplearning4jInitializesAnyClass() {
        String hostile = SampleModel.configuration()
                .toJson()
                .replace(
                        "org.deeplearning4j.nn.conf.layers.ConvolutionLayer",
                        "org.transfer4j.internal.format.modelfile.ControlProbe");

        assertThatThrownBy(() -> ComputationGraphConfiguration.fromJson(hostile))
                .isInstanceOf(RuntimeException.class);

        assertThat(Initialized.CLASSES).contains("ControlProbe");
    }

    @Test
    void leavesDeeplearning4jsOwnMapperAlone() {
        Dl4jJson.graph(FILE, SampleModel.configuration().toJson());

        assertThat(JsonMappers.getMapper()
                        .getPolymorphicTypeValidator()
                        .getClass()
                        .getName())
                .doesNotContain("transfer4j");
    }

    @Test
    void takesNamesOfLayersThatLookLikeClasses() {
        String json = SampleModel.configuration().toJson().replace("\"pool\"", "\"layer1.block.Pool\"");

        assertThat(Dl4jJson.graph(FILE, json).getVertices()).containsKey("layer1.block.Pool");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "7",
                "{}",
                "{'vertices':{}}",
                "{'vertices':null,'networkInputs':[]}",
                "{'vertices':{'a':null},'networkInputs':['x'],'vertexInputs':{'a':['x']}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.layers.DenseLayer'}}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.graph.LayerVertex','layerConf':null}}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.graph.LayerVertex','layerConf':{}}}}",
                "{'networkInputs':7}",
                "{'vertices':{},'networkInputs':[],'networkOutputs':[],'vertexInputs':{}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.graph.MergeVertex'}},'networkInputs':['x'],"
                        + "'networkOutputs':['a'],'vertexInputs':{}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.graph.MergeVertex'}},'networkInputs':['x'],"
                        + "'networkOutputs':['a'],'vertexInputs':{'a':['y']}}",
                "{'vertices':{'a':{'@class':'org.deeplearning4j.nn.conf.graph.MergeVertex'}},'networkInputs':['x'],"
                        + "'networkOutputs':['b'],'vertexInputs':{'a':['x']}}",
                "{'tbpttFwdLength':1e400}",
                "{'seed':99999999999999999999999999}",
                "{'trainingWorkspaceMode':'WHATEVER'}",
            })
    void refusesWhatIsNotANetwork(String json) {
        assertThatThrownBy(() -> Dl4jJson.graph(FILE, json.replace('\'', '"')))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith("model.t4j: topology.json");
    }

    @Test
    void refusesJsonThatIsTooDeep() {
        assertRefused("{\"a\":".repeat(100_000), "nesting depth");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'dataType':'FLOAT','shape':[1000000000],'data':[1]}",
                "{'dataType':'FLOAT','shape':[2,1],'data':[1,2]}",
                "{'dataType':'FLOAT','shape':[],'data':[1]}",
                "{'dataType':'UTF8','shape':[1],'data':['a']}",
                "{'dataType':'FLOAT','shape':[1],'data':['a']}",
                "{'dataType':'FLOAT','shape':[0],'data':[]}",
                "{'dataType':'LONG','shape':[1],'data':[1]}",
                "{'dataType':'FLOAT','shape':[-1],'data':[1]}",
                "{}",
                "7",
                "[[1]]",
            })
    void refusesLossWeightsThatLie(String weights) {
        String json = RichTopology.configuration().toJson();
        int start = json.indexOf("\"weights\" :") + "\"weights\" :".length();
        int end = json.indexOf('}', start) + 1;

        assertRefused(
                json.substring(0, start) + weights.replace('\'', '"') + json.substring(end),
                "the weights of a loss function must be one list of numbers with a fitting shape");
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> Dl4jJson.graph(FILE, json))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith("model.t4j: topology.json")
                .hasMessageContaining(message);
    }

    private static void collectTyped(JsonNode node, List<ObjectNode> typed) {
        List<ObjectNode> objects = new ArrayList<>();
        collect(node, objects);
        for (ObjectNode object : objects) {
            if (object.get("@class") instanceof TextNode || object.get("type") instanceof TextNode) {
                typed.add(object);
            }
        }
    }

    /** All objects but those whose properties are names of layers. */
    private static void collect(JsonNode node, List<ObjectNode> objects) {
        boolean named = false;
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (property.getKey().equals("vertices") || property.getKey().equals("vertexInputs")) {
                property.getValue().forEach(layer -> collect(layer, objects));
            } else {
                collect(property.getValue(), objects);
            }
            named = true;
        }
        if (node instanceof ObjectNode object && named) {
            objects.add(object);
        }
        if (node.isArray()) {
            node.forEach(element -> collect(element, objects));
        }
    }
}
