package org.transfer4j.spark;

import java.nio.file.Path;
import java.util.List;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.fitted.Inference;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.internal.fitted.PlacedImages;

/** What an executor computes with: images to rows of numbers. Safe from several threads; owns native memory. */
interface ProcessNetwork extends AutoCloseable {
    /** What a file holds. */
    enum Kind {
        EXTRACTOR {
            @Override
            ProcessNetwork open(Path file) {
                return features(Extractor.read(file));
            }
        },
        CLASSIFIER {
            @Override
            ProcessNetwork open(Path file) {
                return probabilities(ModelFile.read(file, null, false));
            }
        };

        abstract ProcessNetwork open(Path file);
    }

    /** Room for images that are computed together, for the caller to close. */
    PlacedImages room(int images);

    /** A row of numbers an image. */
    float[][] compute(PlacedImages images);

    @Override
    void close();

    private static ProcessNetwork features(Extractor extractor) {
        return new ProcessNetwork() {
            @Override
            public PlacedImages room(int images) {
                return extractor.room(images);
            }

            @Override
            public float[][] compute(PlacedImages images) {
                return extractor.features(images);
            }

            @Override
            public void close() {
                extractor.close();
            }
        };
    }

    private static ProcessNetwork probabilities(Fitted fitted) {
        Inference inference = new Inference(fitted);
        return new ProcessNetwork() {
            @Override
            public PlacedImages room(int images) {
                return inference.room(images);
            }

            @Override
            public float[][] compute(PlacedImages images) {
                List<Answer> answers = inference.answers(images);
                return answers.stream().map(Answer::probabilities).toArray(float[][]::new);
            }

            @Override
            public void close() {
                fitted.network().close();
            }
        };
    }
}
