package org.transfer4j.spark;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.transfer4j.internal.feature.FeatureStore;
import org.transfer4j.internal.feature.FeatureStore.FeatureVolume;
import org.transfer4j.internal.feature.LabelledSource.ComputedFeatures;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.interrupt.Interruption;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.spark.ComputedRows.FeatureBytes;

/** Features on the driver's disk, in the order in which they came; as many bytes of memory as a few hundred rows have. */
final class DriverFeatures implements AutoCloseable {
    private static final int MOST_AT_ONCE = 256;
    private static final int MOST_BYTES_AT_ONCE = 1 << 26;

    private final Labels labels;
    private final FeatureVolume expected;
    private final int rowsAtOnce;
    private final FeatureStore store;
    private final ByteBuffer rows;
    private final List<Target> targets = new ArrayList<>();
    private final int[] classCounts;

    /**
     * An empty one.
     *
     * @param width how many features an image has
     * @param expected how many images are to come at most
     * @throws java.io.UncheckedIOException if the temporary folder has no room for them
     */
    DriverFeatures(Labels labels, int width, long expected) {
        this.labels = labels;
        this.expected = FeatureVolume.of(expected, 0, new long[] {width});
        this.rowsAtOnce = (int) Math.max(1, Math.min(MOST_AT_ONCE, MOST_BYTES_AT_ONCE / this.expected.rowBytes()));
        this.rows = ByteBuffer.allocateDirect(Math.multiplyExact(rowsAtOnce * width, Float.BYTES))
                .order(ByteOrder.nativeOrder());
        this.classCounts = new int[labels.classNames().size()];
        this.store = FeatureStore.create(folder(), new long[] {width}, expected);
    }

    private static Path folder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /**
     * Reads rows to their end.
     *
     * @param sorted of a label, whether it is for validation, and features as {@link FeatureBytes} writes them
     * @param held where rows for validation go
     * @throws java.io.UncheckedIOException if others have taken the room meanwhile
     */
    void read(Iterator<Row> sorted, DriverFeatures held) {
        expected.requireRoom(folder(), "the features", FeatureStore.TEMPORARY_FOLDER, FeatureStore.ADVICE);
        while (sorted.hasNext()) {
            Interruption.check("the reading of features");
            Row row = sorted.next();
            DriverFeatures part = row.getBoolean(1) ? held : this;
            part.add(
                    row.get(0) instanceof String || row.get(0) instanceof Double ? row.get(0) : row.getList(0),
                    row.getAs(2));
        }
        flush();
        held.flush();
    }

    private void add(Object label, byte[] features) {
        Target target = labels.target(label);
        if (target instanceof Target.OneClass one) {
            classCounts[one.index()]++;
        } else if (target instanceof Target.SeveralClasses several) {
            float[] row = several.row();
            for (int i = 0; i < row.length; i++) {
                classCounts[i] += row[i] > 0 ? 1 : 0;
            }
        }
        FeatureBytes.copy(features, rows);
        targets.add(target);
        if (targets.size() == rowsAtOnce) {
            flush();
        }
    }

    private void flush() {
        store.append(rows.flip(), targets);
        rows.clear();
        targets.clear();
    }

    int size() {
        return store.size();
    }

    LearningData learningData() {
        return new LearningData.Computed(
                ComputedFeatures.of(labels.classNames(), classCounts, store),
                labels.areSeveral() ? AnswerKind.LABELS : AnswerKind.ONE_CLASS);
    }

    @Override
    public void close() {
        store.close();
    }
}
