package org.transfer4j.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.internal.weights.KnownNetworks.Kernel;
import org.transfer4j.testing.PublishedNetworks;

class KnownNetworksTest {
    record Published(String name, String program, Map<String, List<long[]>> layers) {
        @Override
        public String toString() {
            return name + " of " + program;
        }

        /** With all layers so many times narrower that allow for it. */
        Map<String, Kernel> kernels(int narrower) {
            boolean keras = program.equals("Keras");
            Map<String, Kernel> kernels = new HashMap<>();
            layers.forEach((layer, shapes) -> {
                long[] shape = shapes.get(0);
                kernels.put(
                        layer,
                        shape.length == 4
                                ? new Kernel(
                                        width(shape[keras ? 2 : 1], narrower),
                                        width(shape[keras ? 3 : 0], narrower),
                                        shapes.size())
                                : new Kernel(0, 0, shapes.size()));
            });
            return kernels;
        }

        private static long width(long channels, int narrower) {
            return channels % narrower == 0 ? channels / narrower : channels;
        }
    }

    static Stream<Published> published() {
        return Stream.of("torch", "keras")
                .flatMap(file -> PublishedNetworks.in(file).entrySet().stream())
                .map(entry -> {
                    String[] said = entry.getKey().replace(" again", "").split(" \\| ", -1);
                    return new Published(said[0], said[1], entry.getValue());
                });
    }

    @ParameterizedTest
    @MethodSource("published")
    void eachIsCalledByItsName(Published network) {
        KnownNetworks.Known known =
                KnownNetworks.of(network.kernels(1)).orElseThrow(() -> new AssertionError("not known: " + network));
        assertThat(known.name().replaceFirst(" \\(padded.*", "")).isEqualTo(network.name());
        assertThat(known.program()).contains(network.program());
    }

    /** As the weights of tests are, and some people's own. */
    @ParameterizedTest
    @MethodSource("published")
    void narrowOnesAreTheSame(Published network) {
        assertThat(KnownNetworks.of(network.kernels(2))).isEqualTo(KnownNetworks.of(network.kernels(1)));
    }

    /** A backbone without its top, such as most files have that Keras publishes. */
    @ParameterizedTest
    @MethodSource("published")
    void theTopDoesNotMatter(Published network) {
        Map<String, Kernel> body = network.kernels(1);
        Predicate<String> top = name -> name.startsWith("fc")
                || name.startsWith("head.fc")
                || name.startsWith("classifier")
                || name.startsWith("pre_logits")
                || name.startsWith("heads");
        body.keySet().removeIf(top);
        assertThat(KnownNetworks.of(body)).isEqualTo(KnownNetworks.of(network.kernels(1)));
    }

    @Test
    void otherNetworksAreNotKnown() {
        assertThat(KnownNetworks.of(Map.of())).isEmpty();
        assertThat(KnownNetworks.of(Map.of("conv1", new Kernel(3, 64, 1), "conv2", new Kernel(64, 64, 1))))
                .isEmpty();
        // EfficientNet-Lite0, which leaves squeeze-and-excite out
        Map<String, Kernel> lite = published()
                .filter(network -> network.toString().equals("EfficientNet-B0 of timm"))
                .findFirst()
                .orElseThrow()
                .kernels(1);
        lite.keySet().removeIf(name -> name.contains(".se."));
        assertThat(KnownNetworks.of(lite)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("published")
    void namesOnlyBackbonesThatThereAre(Published network) throws ReflectiveOperationException {
        KnownNetworks.Known known = KnownNetworks.of(network.kernels(1)).orElseThrow();
        for (String backbone : known.backbones()) {
            assertThat(Backbone.class.getMethod(backbone).invoke(null)).isInstanceOf(Backbone.class);
        }
    }
}
