package org.transfer4j.testing;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.learning.config.NoOp;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Topology;
import org.transfer4j.internal.dl4j.Dl4jWriter;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.Op;

/** The backbones of the library, by the names of the methods that give them. */
public final class Backbones {
    /** Those with ops that DL4J has not. */
    public static final Set<String> UNSAID_BY_DL4J =
            Set.of("resNeXt50", "regNetY016", "mobileNetV3Large", "mobileNetV3LargeTorch", "hgNetV2B0");

    private static final int NARROWER = 4;

    private Backbones() {}

    /** All: the methods of {@link Backbone} that take nothing and give one. */
    public static Stream<String> all() {
        return Stream.of(Backbone.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getReturnType() == Backbone.class && method.getParameterCount() == 0)
                .map(Method::getName)
                .sorted(Comparator.naturalOrder());
    }

    /** One of them. */
    public static Backbone named(String method) {
        try {
            return (Backbone) Backbone.class.getMethod(method).invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("no backbone " + method, e);
        }
    }

    /** A quarter as wide: with the same layers, connections and windows; without weights of its own. */
    public static Backbone narrow(String method) {
        Backbone backbone = named(method);
        Backbone.Builder narrow = Backbone.builder(backbone.name(), new Narrow((Network.Sized) backbone.topology()))
                .inputSize(backbone.inputHeight(), backbone.inputWidth())
                .minimumSize(backbone.minimumSize())
                .preprocessing(backbone.preprocessing())
                .cutPoints(backbone.cutPoints())
                .defaultHead(backbone.defaultHead());
        backbone.torchNames().forEach(narrow::torchNames);
        return narrow.build();
    }

    /** All that DL4J can say, narrow. */
    public static Stream<Backbone> ofDl4j() {
        return all().filter(method -> !UNSAID_BY_DL4J.contains(method)).map(Backbones::narrow);
    }

    private record Narrow(Network.Sized whole) implements Topology, Network.Sized {
        @Override
        public Network network(int height, int width) {
            Network network = whole.network(height, width);
            Network.Builder narrow = new Network.Builder(network.input(), network.inputShape());
            for (Network.Node node : network.nodes().values()) {
                List<String> inputs = node.inputs();
                int channels = narrow.shape(inputs.get(0)).channels();
                narrow.add(node.name(), node.layer(), node.kind(), narrow(node.op(), channels), inputs);
            }
            return narrow.build(network.output());
        }

        private static Op narrow(Op op, int channels) {
            if (op instanceof Op.Normalization normalization) {
                return new Op.Normalization(channels, normalization.epsilon(), normalization.momentum());
            }
            if (op instanceof Op.Convolution convolution) {
                int outputs = (convolution.outputs() + NARROWER - 1) / NARROWER;
                int groups = convolution.isDepthwise() ? channels : convolution.groups();
                if (!convolution.isDepthwise() && groups > 1 && channels / groups < 2) {
                    // or they would be one filter for each channel
                    groups = channels / 2;
                }
                return new Op.Convolution(channels, outputs, groups, convolution.window(), convolution.biased());
            }
            return op;
        }

        @Override
        public ComputationGraphConfiguration configure(int height, int width) {
            return Dl4jWriter.write(network(height, width), new NoOp());
        }
    }
}
