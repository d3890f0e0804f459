package org.transfer4j.internal.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A network as text, after the model of Keras' {@code summary()}; shapes are DL4J's, channels first. */
public final class SummaryTable {
    private record Row(String layer, String shape, String parameters, String training) {}

    private final String name;
    private final Set<String> frozenLayers;
    private final List<Row> rows = new ArrayList<>();
    private long frozen;
    private long trainable;

    private SummaryTable(String name, Network network, Set<String> frozenLayers) {
        this.name = name;
        this.frozenLayers = frozenLayers;
        rows.add(new Row("Layer (type)", "Output shape", "Param #", "Training"));
        rows.add(new Row(network.input() + " (Input)", shape(network.inputShape()), "0", ""));
        network.layers().forEach(this::add);
    }

    /** Writes a network. */
    public static String of(String name, Network network, Set<String> frozenLayers) {
        return new SummaryTable(name, network, frozenLayers).text();
    }

    private void add(String layer, List<Network.Node> nodes) {
        Network.Node last = nodes.get(nodes.size() - 1);
        long parameters = Network.parameterCount(nodes);
        boolean isFrozen = frozenLayers.contains(layer);
        if (isFrozen) {
            frozen += parameters;
        } else {
            trainable += parameters;
        }
        String training = parameters == 0 ? "" : isFrozen ? "frozen" : "trainable";
        rows.add(new Row(layer + " (" + last.kind() + ")", shape(last.shape()), thousands(parameters), training));
    }

    private static String shape(Shape shape) {
        return shape.sizes().stream().map(String::valueOf).collect(Collectors.joining(", ", "[N, ", "]"));
    }

    private static String thousands(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private String text() {
        int layer = widest(Row::layer);
        int shape = widest(Row::shape);
        int parameters = widest(Row::parameters);
        String format = "%-" + layer + "s  %-" + shape + "s  %" + parameters + "s  %s";
        String line = "-".repeat(layer + shape + parameters + 6 + "trainable".length());
        List<String> lines = new ArrayList<>();
        lines.add("Model: \"" + name + "\"");
        lines.add(line);
        for (Row row : rows) {
            lines.add(String.format(Locale.ROOT, format, row.layer(), row.shape(), row.parameters(), row.training())
                    .stripTrailing());
            if (lines.size() == 3) {
                lines.add(line);
            }
        }
        lines.add(line);
        lines.add("Total params: " + thousands(frozen + trainable));
        lines.add("Trainable params: " + thousands(trainable));
        lines.add("Non-trainable params: " + thousands(frozen));
        return String.join(System.lineSeparator(), lines);
    }

    private int widest(Function<Row, String> column) {
        return rows.stream().map(column).mapToInt(String::length).max().orElse(0);
    }
}
