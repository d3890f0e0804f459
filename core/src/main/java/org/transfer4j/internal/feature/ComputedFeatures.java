package org.transfer4j.internal.feature;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Images of which only features and targets are here: what passes the frozen layers was computed elsewhere. */
public final class ComputedFeatures implements LabelledSource {
    private final List<String> classNames;
    private final int[] classCounts;
    private final long size;
    private final @Nullable Examples rows;

    private ComputedFeatures(List<String> classNames, int[] classCounts, long size, @Nullable Examples rows) {
        this.classNames = List.copyOf(classNames);
        this.classCounts = classCounts.clone();
        this.size = size;
        this.rows = rows;
    }

    /**
     * Features that are there.
     *
     * @param classCounts how many of them have each class
     * @param rows what the head reads of each image; closed by whoever learns from them
     */
    public static ComputedFeatures of(List<String> classNames, int[] classCounts, Examples rows) {
        return new ComputedFeatures(classNames, classCounts, rows.size(), rows);
    }

    /** Features to come, of which all is known that can be checked before the work. */
    public static ComputedFeatures expected(List<String> classNames, int[] classCounts, long size) {
        return new ComputedFeatures(classNames, classCounts, size, null);
    }

    /** What the head learns from. */
    public Examples examples() {
        if (rows == null) {
            throw new IllegalStateException("the features are not computed yet");
        }
        return rows;
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
        return visitor.features(this);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Optional<int[]> classCounts() {
        return Optional.of(classCounts.clone());
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public BatchStream open(NetworkInput input, int batchSize, Variants variants) {
        throw new IllegalStateException("the images are not here, only their features");
    }
}
