package org.transfer4j.internal.choose;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.engine.TrunkCompiler;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.FeatureStream;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.settings.BackboneParameters;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.trunk.Trunk;

/**
 * What the cuts of a backbone at one input size give for images, averaged or flattened: of all of them in one run, since each
 * part of the network goes on with what the part below gave. Rows are added as more images are asked for, and are kept for
 * what is still wanted; they are native memory, freed with this.
 */
public final class CutFeatures implements AutoCloseable {
    private static final int MOST_CUTS = 4;

    /** More values of an image take a regression longer than another backbone takes. */
    private static final int MOST_FLATTENED = 2048;

    private final Settings settings;
    private final BackboneParameters parameters;
    private final Network network;
    private final List<Column> columns;
    private final List<List<INDArray>> rows = new ArrayList<>();
    private int images;
    private @Nullable Parts parts;

    private CutFeatures(Settings settings, BackboneParameters parameters, Network network) {
        this.settings = settings;
        this.parameters = parameters;
        this.network = network;
        columns = cuts(settings, network).stream()
                .flatMap(cut -> Stream.of(false, true).map(flat -> Column.of(network, cut, flat)))
                .filter(column -> !column.flattened || column.isWorthIt())
                .toList();
        columns.forEach(column -> rows.add(new ArrayList<>()));
    }

    /**
     * Prepares a backbone; nothing is computed yet.
     *
     * @param settings the backbone, the input size and the preprocessing
     * @param parameters of the backbone, at whatever input size they were read
     */
    public static CutFeatures of(Settings settings, BackboneParameters parameters) {
        Settings.NetworkSettings wanted = settings.network();
        Network network = wanted.sized().network();
        NetworkSize.of(network).requireMemory(null, wanted.height(), wanted.width());
        return new CutFeatures(settings, parameters, network);
    }

    /** The ends of the blocks, the uppermost of many, and the end of the network. */
    private static List<String> cuts(Settings settings, Network network) {
        List<String> all = Stream.concat(
                        settings.network().backbone().cutPoints().stream()
                                .filter(network.nodes()::containsKey)
                                .filter(cut -> !cut.equals(network.output()))
                                .filter(network::isCutPoint)
                                .filter(cut -> network.shape(cut).isImage()),
                        Stream.of(network.output()))
                .toList();
        return all.subList(Math.max(0, all.size() - MOST_CUTS), all.size());
    }

    /**
     * Features to choose.
     *
     * @param cut the layer that gives them
     * @param flattened whether all of them are taken, and not the means of the channels
     */
    public record Column(String cut, Shape shape, boolean flattened) {
        private static Column of(Network network, String cut, boolean flattened) {
            return new Column(cut, network.shape(cut), flattened);
        }

        /** How many there are of an image. */
        public int width() {
            return flattened ? Math.toIntExact(shape.elements()) : shape.channels();
        }

        private boolean isWorthIt() {
            return shape.elements() > shape.channels() && shape.elements() <= MOST_FLATTENED;
        }
    }

    /** What there is to choose from, from the lowest cut on. */
    public List<Column> columns() {
        return columns;
    }

    /** The learner whose features these are. */
    public Settings settings(Column column) {
        Settings.NetworkSettings own = settings.network();
        Backbone backbone = column.cut.equals(network.output())
                ? own.backbone()
                : own.backbone().upTo(column.cut);
        return settings.with(new Settings.NetworkSettings(
                new Settings.StartingPoint(backbone, own.weights(), Optional.empty(), List.of()),
                own.height(),
                own.width(),
                column.flattened ? Head.flatten() : Head.globalAveragePooling(),
                Freeze.ALL,
                own.computation()));
    }

    /** About how many products an image takes, to tell from the time of one network that of another. */
    double cost() {
        return network.nodes().values().stream().mapToDouble(CutFeatures::cost).sum();
    }

    private static double cost(Network.Node node) {
        Shape shape = node.shape();
        double places = (double) shape.elements() / shape.channels();
        double own = node.op() instanceof Op.Convolution ? node.op().parameterCount() * places : 0;
        return own + shape.elements();
    }

    /** Compiles the network for the images that are computed next, and them alone: many networks may be chosen from. */
    void prepare() {
        if (parts == null) {
            parts = compiled();
        }
    }

    /**
     * Computes what is missing of the first images; nothing above the uppermost cut that is wanted.
     *
     * @param data the same each time
     * @param wanted by column: whether its features are still of use; those of others are freed
     */
    public void compute(ImageDataset data, int count, boolean[] wanted) {
        for (int c = 0; c < wanted.length; c++) {
            if (!wanted[c]) {
                rows.get(c).forEach(INDArray::close);
                rows.get(c).clear();
            }
        }
        if (count <= images) {
            return;
        }
        prepare();
        ImageDataset missing = data.select(IntStream.range(images, count).toArray());
        Trunk below = Objects.requireNonNull(parts).below(wanted);
        try (BatchStream features =
                new FeatureStream(new DatasetSource(missing).open(settings.input(), PlacedImages.MOST), below)) {
            while (features.hasNext()) {
                Interruption.check("the choice of a learner");
                keep(features.next().features(), wanted);
            }
        } finally {
            release();
        }
        images = count;
    }

    private void release() {
        if (parts != null) {
            parts.close();
            parts = null;
        }
    }

    private void keep(INDArray batch, boolean[] wanted) {
        long from = 0;
        for (int c = 0; c < wanted.length; c++) {
            long to = from + columns.get(c).width();
            if (wanted[c]) {
                rows.get(c)
                        .add(batch.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to))
                                .dup('c'));
            }
            from = to;
        }
    }

    private Parts compiled() {
        List<Trunk> trunks = new ArrayList<>();
        try {
            Network rest = network;
            for (String cut : columns.stream().map(Column::cut).distinct().toList()) {
                Network part = rest.below(cut);
                trunks.add(TrunkCompiler.compile(
                                parameters.fill(part),
                                settings.network().precision(),
                                settings.network().algorithms())
                        .forPasses(PlacedImages.MOST));
                rest = rest.above(cut);
            }
            return new Parts(trunks, columns);
        } catch (RuntimeException | Error e) {
            trunks.forEach(Trunk::close);
            throw e;
        }
    }

    /** A column's features of all images that were computed, for the caller to close. */
    public FeatureMatrix matrix(int column) {
        return FeatureMatrix.of(rows.get(column));
    }

    /** A column's features of all images that were computed, batch after batch; not copied. */
    public List<INDArray> rows(int column) {
        return rows.get(column);
    }

    @Override
    public void close() {
        release();
        rows.forEach(column -> column.forEach(INDArray::close));
        rows.forEach(List::clear);
    }

    /** The parts between the cuts, one on the other, and all columns side by side as what they give. */
    private record Parts(List<Trunk> trunks, List<Column> columns) implements Trunk {
        /** Those up to the uppermost cut that is wanted, which stay this one's. */
        Parts below(boolean[] wanted) {
            int end = wanted.length;
            while (end > 1 && !wanted[end - 1]) {
                end--;
            }
            List<Column> some = columns.subList(0, end);
            long cuts = some.stream().map(Column::cut).distinct().count();
            return new Parts(trunks.subList(0, Math.toIntExact(cuts)), some);
        }

        @Override
        public long[] featureShape() {
            return new long[] {columns.stream().mapToLong(Column::width).sum()};
        }

        @Override
        public INDArray infer(INDArray images) {
            long count = images.size(0);
            INDArray all = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', count, featureShape()[0]);
            INDArray below = images;
            try {
                int column = 0;
                long from = 0;
                for (Trunk trunk : trunks) {
                    INDArray given = trunk.infer(below);
                    if (below != images) {
                        below.close();
                    }
                    below = given;
                    String cut = columns.get(column).cut;
                    for (; column < columns.size() && columns.get(column).cut.equals(cut); column++) {
                        long to = from + columns.get(column).width();
                        put(given, columns.get(column), all.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)));
                        from = to;
                    }
                }
                return all;
            } catch (RuntimeException | Error e) {
                all.close();
                throw e;
            } finally {
                if (below != images) {
                    below.close();
                }
            }
        }

        private static void put(INDArray given, Column column, INDArray into) {
            long count = given.size(0);
            if (column.flattened || column.shape.elements() == column.shape.channels()) {
                into.assign(given.reshape('c', count, column.width()));
                return;
            }
            try (INDArray means =
                    given.reshape('c', count, column.shape.channels(), -1).mean(2)) {
                into.assign(means);
            }
        }

        @Override
        public int batchesAtOnce(int count) {
            return trunks.get(0).batchesAtOnce(count);
        }

        @Override
        public String engine() {
            return trunks.get(0).engine();
        }

        @Override
        public void close() {
            trunks.forEach(Trunk::close);
        }
    }
}
