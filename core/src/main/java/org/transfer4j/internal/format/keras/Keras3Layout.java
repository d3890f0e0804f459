package org.transfer4j.internal.format.keras;

import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.transfer4j.error.WeightsException;
import org.transfer4j.internal.format.WeightsFile.StoredArray;
import org.transfer4j.internal.format.WeightsFile.StoredLayer;

/**
 * The layout of {@code .weights.h5} files of Keras 3: {@code layers/<group>/vars/0, 1, ...}, where the groups are called
 * after the layers' classes and numbered in the network's order (conv2d, conv2d_1, ...). The layer's own name is the
 * attribute {@code name} of {@code vars}, which the first versions of Keras 3 did not write. A network used as a layer
 * is a group with {@code layers} of its own.
 */
final class Keras3Layout {
    private static final String VARIABLES = "vars";
    private static final String OPTIMIZER = "optimizer";
    private static final Pattern NUMBERED = Pattern.compile("(.*?)(?:_([0-9]{1,6}))?", Pattern.DOTALL);

    /** Far more than any network has; a forged file may hold itself. */
    private static final int MOST_GROUPS = 20_000;

    private static final int DEEPEST = 32;

    private final Hdf5 file;
    private final List<Numbered> layers = new ArrayList<>();
    private int groups;
    private int count;

    /** A layer with what its group's name says of its place. */
    private record Numbered(StoredLayer layer, int number) {}

    private Keras3Layout(Hdf5 file) {
        this.file = file;
    }

    /** The layers, empty where the file has another layout. */
    static Optional<List<StoredLayer>> read(Hdf5 file) {
        Keras3Layout layout = new Keras3Layout(file);
        layout.visit(file.root(), "", 0);
        return layout.layers.isEmpty() ? Optional.empty() : Optional.of(layout.sorted());
    }

    private List<StoredLayer> sorted() {
        return layers.stream()
                .sorted(Comparator.comparing(
                                (Numbered numbered) -> numbered.layer().sequence())
                        .thenComparingInt(Numbered::number))
                .map(Numbered::layer)
                .toList();
    }

    private void visit(Group group, String path, int depth) {
        groups++;
        if (groups > MOST_GROUPS || depth > DEEPEST) {
            throw new WeightsException(file.path(), "is damaged: its groups are too many or too deep");
        }
        for (Node child : file.children(group)) {
            if (!(file.own(child) instanceof Group childGroup)) {
                continue;
            }
            String name = childGroup.getName();
            if (name.equals(VARIABLES)) {
                addLayer(childGroup, path);
            } else if (!(depth == 0 && name.equals(OPTIMIZER))) {
                visit(childGroup, path + "/" + name, depth + 1);
            }
        }
    }

    private void addLayer(Group variables, String path) {
        List<StoredArray> arrays = new ArrayList<>();
        Optional<Node> array = file.find(variables, "0");
        for (int i = 1; array.isPresent() && array.get() instanceof Dataset dataset; i++) {
            count++;
            KerasFile.requireCount(file, count);
            arrays.add(new Hdf5Array(file, path + "/" + VARIABLES + "/" + (i - 1), dataset));
            array = file.find(variables, Integer.toString(i));
        }
        if (arrays.isEmpty()) {
            return;
        }
        String group = path.substring(path.lastIndexOf('/') + 1);
        Matcher numbered = NUMBERED.matcher(group);
        if (!numbered.matches()) {
            throw new IllegalStateException("every name matches");
        }
        String sequence = path.substring(0, path.length() - group.length()) + numbered.group(1);
        int number = numbered.group(2) == null ? 0 : Integer.parseInt(numbered.group(2));
        Optional<String> name =
                file.strings(variables, "name").stream().flatMap(List::stream).findFirst();
        layers.add(new Numbered(new StoredLayer(name.orElse(group), name.isPresent(), sequence, arrays), number));
    }
}
