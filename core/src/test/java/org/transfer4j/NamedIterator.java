package org.transfer4j;

import java.util.List;
import java.util.NoSuchElementException;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** An iterator over ready batches with class names, as DataVec's is. */
final class NamedIterator implements DataSetIterator {
    private final List<DataSet> batches;
    private final List<String> labels;
    private DataSetPreProcessor preProcessor;
    private int next;
    private int resets;

    NamedIterator(DataSet batch, List<String> labels) {
        this(List.of(batch), labels);
    }

    /** Labels may be null. */
    NamedIterator(List<DataSet> batches, List<String> labels) {
        this.batches = batches;
        this.labels = labels;
    }

    int resets() {
        return resets;
    }

    @Override
    public boolean hasNext() {
        return next < batches.size();
    }

    @Override
    public DataSet next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        DataSet ready = batches.get(next++);
        // a preprocessor may put other arrays into what it gets
        DataSet batch = new DataSet(ready.getFeatures(), ready.getLabels());
        if (preProcessor != null) {
            preProcessor.preProcess(batch);
        }
        return batch;
    }

    @Override
    public DataSet next(int count) {
        throw new UnsupportedOperationException("batches are ready");
    }

    @Override
    public int inputColumns() {
        return -1;
    }

    @Override
    public int totalOutcomes() {
        return labels == null ? 0 : labels.size();
    }

    @Override
    public boolean resetSupported() {
        return true;
    }

    @Override
    public boolean asyncSupported() {
        return false;
    }

    @Override
    public void reset() {
        next = 0;
        resets++;
    }

    @Override
    public int batch() {
        return -1;
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
        this.preProcessor = preProcessor;
    }

    @Override
    public DataSetPreProcessor getPreProcessor() {
        return preProcessor;
    }

    @Override
    public List<String> getLabels() {
        return labels;
    }
}
