package org.transfer4j.internal.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** A network as text, after the model of Keras' {@code summary()}; shapes are DL4J's, channels first. */
final class SummaryTable {
    private record Row(String layer, String shape, String parameters, String training) {}

    private final NetworkPlan plan;
    private final List<Row> rows = new ArrayList<>();
    private long frozen;
    private long trainable;

    private SummaryTable(NetworkPlan plan) {
        this.plan = plan;
        ComputationGraphConfiguration graph = plan.graph();
        Map<String, InputType> types = plan.outputTypes();
        String input = graph.getNetworkInputs().get(0);
        rows.add(new Row("Layer (type)", "Output shape", "Param #", "Training"));
        rows.add(new Row(input + " (Input)", shape(new long[] {-1, 3, plan.height(), plan.width()}), "0", ""));
        for (String name : Vertices.inOrder(graph)) {
            add(name, Vertices.vertex(graph, name), Vertices.known(types, name));
        }
    }

    static String of(NetworkPlan plan) {
        return new SummaryTable(plan).text();
    }

    private void add(String name, GraphVertex vertex, InputType output) {
        long parameters = vertex.numParams(true);
        boolean isFrozen = plan.frozen().contains(name);
        if (isFrozen) {
            frozen += parameters;
        } else {
            trainable += parameters;
        }
        String training = parameters == 0 ? "" : isFrozen ? "frozen" : "trainable";
        rows.add(new Row(
                name + " (" + LayerTypes.of(vertex) + ")",
                shape(output.getShape(true)),
                thousands(parameters),
                training));
    }

    private static String shape(long[] withBatch) {
        return Arrays.stream(withBatch)
                .mapToObj(length -> length < 0 ? "N" : Long.toString(length))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String thousands(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private String text() {
        int layer = widest(rows.stream().map(Row::layer).toList());
        int shape = widest(rows.stream().map(Row::shape).toList());
        int parameters = widest(rows.stream().map(Row::parameters).toList());
        String format = "%-" + layer + "s  %-" + shape + "s  %" + parameters + "s  %s";
        String line = "-".repeat(layer + shape + parameters + 6 + "trainable".length());
        List<String> lines = new ArrayList<>();
        lines.add("Model: \"" + plan.name() + "\"");
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

    private static int widest(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0);
    }
}
