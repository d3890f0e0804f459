package org.transfer4j.internal.fitted;

import java.util.List;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.preprocessing.Views;

/** Who answers for images: a network, or several as one. Safe from several threads. */
public interface Answering {
    /** What there are probabilities or numbers of, in their order. */
    List<String> classNames();

    /** What it says of an image. */
    AnswerKind kind();

    /**
     * The answer to one image.
     *
     * @param image closed here
     * @throws IllegalStateException if a network's weights are too large to give any
     */
    Answer answer(DecodedImage image, Views views);

    /** The answers to all images, in the order of the data. */
    List<Answer> answers(ImageDataset data, Views views);

    /** Their probabilities or numbers alone. */
    List<float[]> outputs(ImageDataset data, Views views);
}
