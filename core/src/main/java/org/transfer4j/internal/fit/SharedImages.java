package org.transfer4j.internal.fit;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.LabelledSource;

/** Warns of images for validation that are learned from too: they are read for it, not decoded. */
final class SharedImages {
    private static final Logger LOG = LoggerFactory.getLogger(SharedImages.class);

    private SharedImages() {}

    static void warn(LabelledSource training, @Nullable LabelledSource held) {
        if (training instanceof DatasetSource learned && held instanceof DatasetSource validation) {
            warn(learned.dataset(), validation.dataset());
        }
    }

    private static void warn(ImageDataset training, ImageDataset validation) {
        Set<ByteBuffer> learned = ConcurrentHashMap.newKeySet();
        int[] shared;
        try {
            IntStream.range(0, training.size()).parallel().forEach(i -> learned.add(digest(training, i)));
            shared = IntStream.range(0, validation.size())
                    .parallel()
                    .filter(i -> learned.contains(digest(validation, i)))
                    .toArray();
        } catch (UncheckedIOException e) {
            // the fit itself will say which image can't be read
            return;
        }
        if (shared.length > 0) {
            LOG.warn(
                    "{} of {} images for validation are also learned from, byte for byte, {} for example: the figures on"
                            + " them say too much. DatasetInspection names them all",
                    shared.length,
                    validation.size(),
                    validation.sourceOf(shared[0]));
        }
    }

    private static ByteBuffer digest(ImageDataset data, int index) {
        return ByteBuffer.wrap(data.contentDigest(index));
    }
}
