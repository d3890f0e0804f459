package org.transfer4j.internal.feature;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** A source whose class indices follow another table: classes are the same where their names are. */
public final class RelabelledSource implements ImageSource {
    private final ImageSource source;
    private final List<String> classNames;
    private final int[] newIndex;

    /**
     * Maps a source's classes to those that were learned.
     *
     * @param what what the source is for, for the message
     * @throws DatasetException if a class with images was not learned
     */
    public RelabelledSource(ImageSource source, List<String> learned, String what) {
        this.source = source;
        this.classNames = List.copyOf(learned);
        this.newIndex = newIndices(source.classNames(), source.classCounts(), learned, what);
    }

    /** Without a check: where the names are not those of the source's classes, but of what these are made of. */
    RelabelledSource(ImageSource source, List<String> classNames, int[] newIndex) {
        this.source = source;
        this.classNames = List.copyOf(classNames);
        this.newIndex = newIndex.clone();
    }

    /** By old index; -1 for a class that was not learned and has no images. */
    static int[] newIndices(List<String> names, Optional<int[]> counts, List<String> learned, String what) {
        Map<String, Integer> index = new HashMap<>();
        for (int i = 0; i < learned.size(); i++) {
            index.put(learned.get(i), i);
        }
        int[] indices = new int[names.size()];
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < indices.length; i++) {
            Integer known = index.get(names.get(i));
            indices[i] = known == null ? -1 : known;
            if (known == null && (counts.isEmpty() || counts.get()[i] > 0)) {
                unknown.add(names.get(i));
            }
        }
        if (!unknown.isEmpty()) {
            String twins = unknown.stream()
                    .flatMap(name ->
                            LabelText.twin(name, learned).map(twin -> "'" + name + "' and '" + twin + "'").stream())
                    .collect(Collectors.joining(", "));
            throw new DatasetException(
                    null,
                    what + " may only have classes that were learned, " + learned + "; unknown: " + unknown
                            + (twins.isEmpty()
                                    ? ""
                                    : "; these differ in case, white space or Unicode form alone: " + twins));
        }
        return indices;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public Optional<int[]> classCounts() {
        return source.classCounts().map(counts -> newCounts(counts, newIndex, classNames.size()));
    }

    static int[] newCounts(int[] counts, int[] newIndex, int classes) {
        int[] moved = new int[classes];
        for (int i = 0; i < counts.length; i++) {
            if (newIndex[i] >= 0) {
                moved[newIndex[i]] += counts[i];
            }
        }
        return moved;
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public BatchStream open(int height, int width, ImagePreprocessing preprocessing, int batchSize) {
        return new Stream(source.open(height, width, preprocessing, batchSize));
    }

    @Override
    public BatchStream openVariants(
            int height,
            int width,
            ImagePreprocessing preprocessing,
            int batchSize,
            SeededAugmentation augmentation,
            int variants) {
        return new Stream(source.openVariants(height, width, preprocessing, batchSize, augmentation, variants));
    }

    @Override
    public Optional<Examples> ofDataset(Function<ImageDataset, Examples> examples) {
        return source.ofDataset(examples).map(RelabelledExamples::new);
    }

    @Override
    public Optional<ImageDataset> behind() {
        return source.behind();
    }

    private Batch relabelled(Batch batch) {
        return batch.relabelled(index -> newIndex[index]);
    }

    private final class RelabelledExamples implements Examples {
        private final Examples examples;

        RelabelledExamples(Examples examples) {
            this.examples = examples;
        }

        @Override
        public int size() {
            return examples.size();
        }

        @Override
        public Examples inEpoch(int epoch) {
            return new RelabelledExamples(examples.inEpoch(epoch));
        }

        @Override
        public BatchStream batches(int[] order, int batchSize) {
            return new Stream(examples.batches(order, batchSize));
        }

        @Override
        public void close() {
            examples.close();
        }
    }

    private final class Stream implements BatchStream {
        private final BatchStream stream;

        Stream(BatchStream stream) {
            this.stream = stream;
        }

        @Override
        public boolean hasNext() {
            return stream.hasNext();
        }

        @Override
        public Batch next() {
            return relabelled(stream.next());
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
