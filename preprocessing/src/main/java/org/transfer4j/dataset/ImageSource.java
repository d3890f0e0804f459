package org.transfer4j.dataset;

import java.io.IOException;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageOrigin;

/** Where the images of a dataset come from, in the order they were found. Safe for use by several threads. */
interface ImageSource {
    int size();

    /** Decodes an image; the caller closes it. */
    DecodedImage decode(int index);

    ImageOrigin origin(int index);

    /** SHA-256 of what the image is made of, whatever it is called and wherever it stands. */
    byte[] contentDigest(int index) throws IOException;
}
