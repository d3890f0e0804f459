package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * All that an updater remembers from step to step, to go on in another tail: of the same layers, or of more.
 *
 * @param iteration how many steps were done
 * @param epoch how many epochs were completed
 * @param values by "layer/parameter/number", the number counting the values that an updater has for each parameter from
 *     0: Adam has two, its moments, momentum has one. Each is [length], in C order of the op's shape
 */
public record UpdaterState(int iteration, int epoch, Map<String, INDArray> values) {
    /** Holds the map without a copy of the arrays. */
    public UpdaterState {
        values = Map.copyOf(values);
    }

    /** The part that has a place in a tail with another state: of parameters that are there, and as long. */
    public UpdaterState fitting(UpdaterState other) {
        Map<String, INDArray> kept = new LinkedHashMap<>(values);
        kept.entrySet().removeIf(entry -> {
            INDArray place = other.values.get(entry.getKey());
            return place == null || place.length() != entry.getValue().length();
        });
        return new UpdaterState(iteration, epoch, kept);
    }

    /** A parameter's place among all parameters in one row. */
    public record Place(String name, long from, long to) {}

    /** Copies the values of all parameters. */
    public static Map<String, INDArray> read(List<Place> places, List<StateBlock> blocks) {
        Map<String, INDArray> values = new LinkedHashMap<>();
        for (Place place : places) {
            for (Overlap overlap : overlaps(place, blocks)) {
                for (int i = 0; i < overlap.state().size(); i++) {
                    INDArray all = values.computeIfAbsent(
                            place.name() + "/" + i,
                            name -> Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', place.to() - place.from()));
                    StateBlock.part(all, overlap.from(), overlap.to())
                            .assign(overlap.state().get(i));
                }
            }
        }
        return values;
    }

    /**
     * Sets the values of all parameters of these names; others stay as they are.
     *
     * @throws IllegalArgumentException if a name or length is not one of these parameters', with nothing set
     */
    public void write(List<Place> places, List<StateBlock> blocks) {
        Map<String, INDArray> expected = read(places, blocks);
        values.forEach((name, value) -> {
            INDArray own = expected.get(name);
            if (own == null || own.length() != value.length()) {
                throw new IllegalArgumentException("the updater's state " + name + " has "
                        + (own == null
                                ? "no place here, where there are " + expected.keySet()
                                : own.length() + " values here")
                        + ", got " + value.length() + " values");
            }
        });
        for (Place place : places) {
            for (Overlap overlap : overlaps(place, blocks)) {
                for (int i = 0; i < overlap.state().size(); i++) {
                    INDArray value = values.get(place.name() + "/" + i);
                    if (value != null) {
                        overlap.state()
                                .get(i)
                                .assign(StateBlock.part(value.reshape(value.length()), overlap.from(), overlap.to()));
                    }
                }
            }
        }
    }

    /** A parameter's values [from, to), and where a block has the state of these. */
    private record Overlap(long from, long to, List<INDArray> state) {}

    private static List<Overlap> overlaps(Place place, List<StateBlock> blocks) {
        List<Overlap> overlaps = new ArrayList<>();
        for (StateBlock block : blocks) {
            long from = Math.max(place.from(), block.from());
            long to = Math.min(place.to(), block.to());
            if (from < to) {
                List<INDArray> state = block.values().stream()
                        .map(values -> StateBlock.part(values, from - block.from(), to - block.from()))
                        .toList();
                overlaps.add(new Overlap(from - place.from(), to - place.from(), state));
            }
        }
        return overlaps;
    }
}
