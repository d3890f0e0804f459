package org.transfer4j.dataset;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.transfer4j.error.TransferException;
import org.transfer4j.internal.image.ImageConverter;

/** Decodes one image after the other into the buffers, until none is left. */
final class DecodingWorker implements Runnable {
    private final BatchContent content;
    private final BatchRing ring;
    private final ImageConverter converter;

    DecodingWorker(BatchContent content, BatchRing ring, BatchSettings settings) {
        this.content = content;
        this.ring = ring;
        this.converter = new ImageConverter(settings.height(), settings.width(), settings.preprocessing());
    }

    @Override
    public void run() {
        for (int image = ring.claim(); image >= 0; image = ring.claim()) {
            ring.written(image, convert(image));
        }
    }

    /** Whatever goes wrong belongs to the consumer, who would wait for ever if this thread died with it. */
    private @Nullable Throwable convert(int image) {
        try {
            content.write(image, converter, ring.target(image));
            return null;
        } catch (TransferException | Error | UncheckedIOException e) {
            return e;
        } catch (RuntimeException e) {
            return content.origin(image).refused("can't be converted: " + e, e);
        } finally {
            // An interrupt that somebody's stream left behind must not fail the next image; the end comes by the ring.
            Thread.interrupted();
        }
    }
}
