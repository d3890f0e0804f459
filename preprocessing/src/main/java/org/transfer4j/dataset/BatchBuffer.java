package org.transfer4j.dataset;

import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.internal.natives.FirstUse;

/** Native memory for one batch, used again and again. What is not final is guarded by the lock of its ring. */
final class BatchBuffer implements AutoCloseable {
    private final INDArray array;
    private final FloatBuffer floats;
    private final int imageLength;

    /** Images that are not written yet. */
    private int missing;

    private @Nullable Throwable failure;
    private int failedImage;

    @SuppressWarnings("try") // the scope is held, not used
    BatchBuffer(int images, int height, int width) {
        FirstUse.ND4J.start();
        // Outside the caller's workspace, which would take the memory back under our hands.
        try (MemoryWorkspace ignored = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            array = Nd4j.createUninitialized(DataType.FLOAT, new long[] {images, 3, height, width}, 'c');
        }
        floats = array.data().asNioFloat();
        imageLength = 3 * height * width;
    }

    void begin(int images) {
        missing = images;
        failure = null;
    }

    /** The place of one image: a view with bounds of its own. */
    FloatBuffer slice(int image) {
        return floats.slice(image * imageLength, imageLength);
    }

    /** Of several failures the first in the order of the images counts, whichever came first in time. */
    void written(int image, @Nullable Throwable thrown) {
        missing--;
        if (thrown != null && (failure == null || image < failedImage)) {
            failure = thrown;
            failedImage = image;
        }
    }

    boolean isFull() {
        return missing == 0;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    INDArray features(int images) {
        return images == array.size(0)
                ? array
                : array.get(
                        NDArrayIndex.interval(0, images), NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.all());
    }

    @Override
    public void close() {
        array.close();
    }
}
