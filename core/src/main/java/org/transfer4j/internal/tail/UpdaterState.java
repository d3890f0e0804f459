package org.transfer4j.internal.tail;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

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
    public static Map<String, INDArray> read(List<Place> places, List<Block> blocks) {
        Map<String, INDArray> values = new LinkedHashMap<>();
        for (Part part : parts(places, blocks)) {
            INDArray all = values.computeIfAbsent(
                    part.name(), name -> Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', part.length()));
            Block.part(all, part.from(), part.to()).assign(part.state());
        }
        return values;
    }

    /**
     * Sets the values of all parameters of these names; others stay as they are.
     *
     * @throws IllegalArgumentException if a name or length is not one of these parameters', with nothing set
     */
    public void write(List<Place> places, List<Block> blocks) {
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
        for (Part part : parts(places, blocks)) {
            INDArray value = values.get(part.name());
            if (value != null) {
                part.state().assign(Block.part(value.reshape(value.length()), part.from(), part.to()));
            }
        }
    }

    /**
     * Some of the values that an updater has for a parameter, in one block.
     *
     * @param name as in {@link UpdaterState#values}
     * @param length of the whole parameter
     * @param from the first of the parameter's values
     * @param to the one behind the last
     * @param state where the block has them
     */
    private record Part(String name, long length, long from, long to, INDArray state) {}

    private static List<Part> parts(List<Place> places, List<Block> blocks) {
        List<Part> parts = new ArrayList<>();
        for (Place place : places) {
            long start = place.from();
            for (Block block : blocks) {
                long from = Math.max(start, block.from());
                long to = Math.min(place.to(), block.to());
                for (int i = 0; i < block.values().size() && from < to; i++) {
                    INDArray state = Block.part(block.values().get(i), from - block.from(), to - block.from());
                    parts.add(new Part(place.name() + "/" + i, place.to() - start, from - start, to - start, state));
                }
            }
        }
        return parts;
    }

    /**
     * The state that an updater has for the parameters [from, to), all parameters being in one row.
     *
     * @param values one or more arrays (Adam: two moments), each with one value a parameter, not copied
     */
    public record Block(long from, long to, List<INDArray> values) {
        /** A block of an updater of ND4J, whose arrays lie one after the other in one; null if it has none. */
        public static Block of(long from, long to, @Nullable INDArray state) {
            if (state == null || to == from) {
                return new Block(from, to, List.of());
            }
            INDArray row = state.reshape(state.length());
            int count = Math.toIntExact(state.length() / (to - from));
            return new Block(
                    from,
                    to,
                    IntStream.range(0, count)
                            .mapToObj(i -> part(row, i * (to - from), (i + 1) * (to - from)))
                            .toList());
        }

        /** Some of an array's values, not copied. */
        public static INDArray part(INDArray row, long from, long to) {
            return row.get(NDArrayIndex.interval(from, to));
        }
    }
}
