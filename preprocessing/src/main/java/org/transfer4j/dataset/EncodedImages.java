package org.transfer4j.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.transfer4j.internal.file.FileFailure;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;

/** Images from the caller's own streams. */
record EncodedImages(List<EncodedImage> images) implements ImageSource {
    @Override
    public int size() {
        return images.size();
    }

    @Override
    public DecodedImage decode(int index) {
        try (InputStream stream = images.get(index).open()) {
            return ImageDecoder.decode(stream, origin(index));
        } catch (IOException e) {
            throw FileFailure.of(origin(index) + " can't be read", e);
        }
    }

    @Override
    public byte[] contentDigest(int index) throws IOException {
        try (InputStream stream = images.get(index).open()) {
            return ContentDigest.ofEncoded(stream);
        }
    }

    @Override
    public ImageOrigin origin(int index) {
        return ImageOrigin.named(images.get(index).name());
    }
}
