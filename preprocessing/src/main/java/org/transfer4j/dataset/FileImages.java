package org.transfer4j.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.internal.interrupt.Interruption;

/** One file for each image. */
record FileImages(List<LabelledFile> files) implements ImageSource {
    @Override
    public int size() {
        return files.size();
    }

    @Override
    public DecodedImage decode(int index) {
        return ImageDecoder.decode(files.get(index).file());
    }

    @Override
    public byte[] contentDigest(int index) throws IOException {
        return Interruption.deferred(() -> {
            try (InputStream stream = Files.newInputStream(files.get(index).file())) {
                return ContentDigest.ofEncoded(stream);
            }
        });
    }

    @Override
    public ImageOrigin origin(int index) {
        return ImageOrigin.file(files.get(index).file());
    }
}
