package org.transfer4j.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.onnxruntime.OnnxBackbone;
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
            image(checked(input));
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
            ImageClassifier.load(file("model.t4j", Good.MODEL.changed(input))).close();
        }
    },
    /** A model file of a calibrated classifier. */
    CALIBRATED("a calibration has figures of a classifier") {
        @Override
        void parse(byte[] input) {
            ImageClassifier.load(file("calibrated.t4j", Good.CALIBRATED.changed(input)))
                    .close();
        }
    },
    /** Read, checked, and where all of that passes, run by ONNX Runtime. */
    ONNX("which is not there yet") {
        @Override
        void parse(byte[] input) {
            OnnxBackbone model = OnnxBackbone.of(file("model.onnx", Edits.of(input, Good.ONNX)));
            model.cutPoints();
            model.inputSize(32, 32).backbone(ImagePreprocessing.none());
        }
    },
    CHECKPOINT("where those before end") {
        @Override
        void parse(byte[] input) {
            CheckpointArchive.read(file("checkpoint", Good.CHECKPOINT.changed(input)));
        }
    },
    DL4J_ZIP("which model files may not name") {
        @Override
        void parse(byte[] input) {
            TransferLearner.of(Backbone.dl4j(file("network.zip", Good.DL4J.changed(input))));
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
            TransferLearner.of(Backbone.keras(file("model.keras", Good.KERAS.changed(input))));
        }
    },
    WEIGHTS_H5("is truncated: it is of") {
        @Override
        void parse(byte[] input) {
            KERAS_NETWORK
                    .weights(Weights.file(file("weights.h5", input)))
                    .features(Seeds.DATA)
                    .close();
        }
    },
    SAFETENSORS("where those before end") {
        @Override
        void parse(byte[] input) {
            VGG.weights(Weights.file(file("weights.safetensors", Edits.of(input, Good.SAFETENSORS))))
                    .features(Seeds.DATA)
                    .close();
        }
    },
    /** The first byte says which. */
    JSON("version") {
        @Override
        void parse(byte[] input) {
            int kind = input.length == 0 ? 0 : input[0] & 3;
            byte[] rest = Arrays.copyOfRange(input, Math.min(1, input.length), input.length);
            String text = new String(Edits.of(rest, Seeds.JSON.get(kind)), StandardCharsets.UTF_8);
            switch (kind) {
                case 0 -> ImagePreprocessing.fromJson(text);
                case 1 -> OneHotLabelEncoder.fromJson(text);
                case 2 -> GrayToRgbResizer.fromJson(text);
                default -> TrainingHistory.fromJson(text);
            }
        }
    };

    /** Made when the first input comes. */
    static final class Good {
        static final Archive MODEL = Archive.own(Seeds.model());
        static final Archive CALIBRATED = Archive.own(Seeds.calibrated());
        static final byte[] ONNX = Seeds.onnx();
        static final Archive CHECKPOINT = Archive.own(Seeds.checkpoint());
        static final Archive DL4J = Archive.foreign(Seeds.dl4j());
        static final Archive KERAS = Archive.foreign(Seeds.golden("keras_models/worldwide.keras"));

        static final byte[] SAFETENSORS = Seeds.safetensors("F32", 4);

        private Good() {}
    }

    private static final Path FOLDER = folder();
    private static final TransferLearner VGG =
            TransferLearner.of(Backbone.vgg16().upTo("block1_conv1")).inputSize(32, 32);
    private static final TransferLearner KERAS_NETWORK =
            TransferLearner.of(Backbone.keras(Seeds.GOLDEN.resolve("keras_models/worldwide.keras")));

    private final String planted;

    Parser(String planted) {
        this.planted = planted;
    }

    abstract void parse(byte[] input);

    /** Whether an {@link IllegalArgumentException} is documented: of what a caller says, or of JSON that is handed over as text. */
    boolean refusesArguments() {
        return this == JSON || this == ONNX;
    }

    /** What the message of a refusal says that no seed meets: the place of a bug that must be found. */
    String planted() {
        return planted;
    }

    /** Each chunk of a PNG that is all there gets its CRC, which a fuzzer would never hit. */
    private static byte[] checked(byte[] png) {
        byte[] checked = png.clone();
        ByteBuffer bytes = ByteBuffer.wrap(checked);
        int length;
        for (int at = 8; at + 12 <= checked.length; at += 12 + length) {
            length = bytes.getInt(at);
            if (length < 0 || length > checked.length - at - 12) {
                break;
            }
            CRC32 crc = new CRC32();
            crc.update(checked, at + 4, length + 4);
            bytes.putInt(at + 8 + length, (int) crc.getValue());
        }
        return checked;
    }

    private static void image(byte[] input) {
        ImageDataset.encoded(List.of(EncodedImage.of("input", "label", input))).image(0);
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
