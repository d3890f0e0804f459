package org.transfer4j.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.GrayToRgbResizer;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.TrainingHistory;

/** What reads files that may be a stranger's, each with a refusal that none of its seeds meets. */
enum Parser {
    JPEG("bits a sample; 8 are supported") {
        @Override
        void parse(byte[] input) {
            image(input);
        }
    },
    PNG("is a damaged PNG: .*IDAT") {
        @Override
        void parse(byte[] input) {
            image(Checksums.png(input));
        }
    },
    BMP("is a compressed BMP \\(method") {
        @Override
        void parse(byte[] input) {
            image(input);
        }
    },
    /** The first byte says how many hundreds of bytes are the images' file; the rest are the labels'. */
    IDX("but its header says") {
        @Override
        void parse(byte[] input) {
            int end = input.length == 0 ? 0 : Math.min(input.length, 1 + 100 * (input[0] & 255));
            Path images = file("images", Arrays.copyOfRange(input, Math.min(1, input.length), Math.max(1, end)));
            Path labels = file("labels", Arrays.copyOfRange(input, end, input.length));
            ImageDataset.idx(images, labels).image(0);
        }
    },
    CSV("text between a closing quote and the next comma") {
        @Override
        void parse(byte[] input) {
            file("a.png", Seeds.PNG);
            ImageDataset.csv(file("list.csv", input)).image(0);
        }
    },
    MODEL("the dtype of .* must be F32") {
        @Override
        void parse(byte[] input) {
            ImageClassifier.load(file("model.t4j", Checksums.archive(input, Good.MODEL)))
                    .close();
        }
    },
    CHECKPOINT("where those before end") {
        @Override
        void parse(byte[] input) {
            CheckpointArchive.read(file("checkpoint", Checksums.archive(input, Good.CHECKPOINT)));
        }
    },
    DL4J_ZIP("which model files may not name") {
        @Override
        void parse(byte[] input) {
            TransferLearner.of(Backbone.dl4j(file("network.zip", Checksums.zip(input, Good.DL4J))));
        }
    },
    KERAS_H5("is truncated: it is of") {
        @Override
        void parse(byte[] input) {
            TransferLearner.of(Backbone.keras(file("model.h5", input)));
        }
    },
    KERAS("configuration is not valid JSON") {
        @Override
        void parse(byte[] input) {
            TransferLearner.of(Backbone.keras(file("model.keras", Checksums.zip(input, Good.KERAS))));
        }
    },
    WEIGHTS_H5("is truncated: it is of") {
        @Override
        void parse(byte[] input) {
            weights("weights.h5", input);
        }
    },
    SAFETENSORS("where those before end") {
        @Override
        void parse(byte[] input) {
            weights("weights.safetensors", input);
        }
    },
    /** The first byte says which. */
    JSON("version") {
        @Override
        void parse(byte[] input) {
            String text =
                    new String(input, Math.min(1, input.length), Math.max(0, input.length - 1), StandardCharsets.UTF_8);
            switch (input.length == 0 ? 0 : input[0] & 3) {
                case 0 -> ImagePreprocessing.fromJson(text);
                case 1 -> OneHotLabelEncoder.fromJson(text);
                case 2 -> GrayToRgbResizer.fromJson(text);
                default -> TrainingHistory.fromJson(text);
            }
        }
    };

    private static final Path FOLDER = folder();
    private static final TransferLearner LEARNER =
            TransferLearner.of(Backbone.vgg16().upTo("block1_conv1"));

    private final String planted;

    Parser(String planted) {
        this.planted = planted;
    }

    abstract void parse(byte[] input);

    /** What the message of a refusal says that no seed meets: the place of a bug that must be found. */
    String planted() {
        return planted;
    }

    /** The archives into which inputs put an entry, made when the first is. */
    private static final class Good {
        private static final byte[] MODEL = Seeds.model();
        private static final byte[] CHECKPOINT = Seeds.checkpoint();
        private static final byte[] DL4J = Seeds.dl4j();
        private static final byte[] KERAS = Seeds.golden("keras_models/worldwide.keras");
    }

    private static void image(byte[] input) {
        ImageDataset.encoded(List.of(EncodedImage.of("input", "label", input))).image(0);
    }

    private static void weights(String name, byte[] input) {
        LEARNER.inputSize(32, 32)
                .weights(Weights.file(file(name, input)))
                .features(Seeds.DATA)
                .close();
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("transfer4j-fuzz");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path file(String name, byte[] bytes) {
        try {
            return Files.write(FOLDER.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
