package org.transfer4j.dataset;

import java.io.IOException;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageOrigin;

/** Some images of a source in another order, as a source of their own. The array is kept. */
final class ChosenImages implements ImageSource {
    private final ImageSource source;
    private final int[] positions;

    ChosenImages(ImageSource source, int[] positions) {
        this.source = source;
        this.positions = positions;
    }

    @Override
    public int size() {
        return positions.length;
    }

    @Override
    public DecodedImage decode(int index) {
        return source.decode(positions[index]);
    }

    @Override
    public ImageOrigin origin(int index) {
        return source.origin(positions[index]);
    }

    @Override
    public byte[] contentDigest(int index) throws IOException {
        return source.contentDigest(positions[index]);
    }
}
