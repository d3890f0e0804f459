package org.transfer4j.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.transfer4j.ClassifierEnsemble;
import org.transfer4j.FeatureExtractor;
import org.transfer4j.ImageClassifier;
import org.transfer4j.TransferLearner;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.EncodedImage;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.fitted.Ensemble;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.ModelFile;
import org.transfer4j.internal.format.NetworkLayers;
import org.transfer4j.internal.format.modelfile.CheckpointArchive;
import org.transfer4j.internal.network.Network;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.weights.WeightsLoader;
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
            classifier(Good.MODELS, input);
        }
    },
    /** The model file of before, whose network is DL4J's JSON. */
    MODEL_1("the dtype of .* must be F32") {
        @Override
        void parse(byte[] input) {
            classifier(Good.MODELS_1, input);
        }
    },
    /** A model file of a calibrated classifier. */
    CALIBRATED("a calibration has figures of a classifier") {
        @Override
        void parse(byte[] input) {
            classifier(Good.CALIBRATED, input);
        }
    },
    /** The file of several classifiers. */
    ENSEMBLE("must be a weight and a backbone for each classifier") {
        @Override
        void parse(byte[] input) {
            Path file = file("ensemble.t4j", Archive.changed(Good.ENSEMBLES, input));
            if (isComputed(input)) {
                ClassifierEnsemble.load(file).close();
            } else {
                Ensemble.check(file);
            }
        }
    },
    /** Read, checked, and where all of that passes, run by ONNX Runtime. */
    ONNX("which is not there yet") {
        @Override
        void parse(byte[] input) {
            OnnxBackbone model = OnnxBackbone.of(file("model.onnx", Edits.of(input, Good.ONNX)));
            model.cutPoints();
            model.inputSize(8, 8).backbone(ImagePreprocessing.none());
        }
    },
    EXTRACTOR("the dtype of .* must be F32") {
        @Override
        void parse(byte[] input) {
            Path file = file("features.t4j", Archive.changed(Good.EXTRACTORS, input));
            if (isComputed(input)) {
                FeatureExtractor.load(file).close();
            } else {
                Extractor.check(file);
            }
        }
    },
    CHECKPOINT("where those before end") {
        @Override
        void parse(byte[] input) {
            CheckpointArchive.read(file("checkpoint", Archive.changed(Good.CHECKPOINTS, input)));
        }
    },
    DL4J_ZIP("which model files may not name") {
        @Override
        void parse(byte[] input) {
            TransferLearner.of(Backbone.dl4j(file("network.zip", Archive.changed(Good.DL4J, input))));
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
            TransferLearner.of(Backbone.keras(file("model.keras", Archive.changed(Good.KERAS, input))));
        }
    },
    WEIGHTS_H5("is truncated: it is of") {
        @Override
        void parse(byte[] input) {
            weights(file("weights.h5", input), Wanted.KERAS);
        }
    },
    SAFETENSORS("where those before end") {
        @Override
        void parse(byte[] input) {
            weights(file("weights.safetensors", Edits.of(input, Good.SAFETENSORS)), Wanted.VGG);
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
        static final List<Archive> MODELS = Stream.of(Networks.values())
                .map(network -> Archive.own(Seeds.model(network, false)))
                .toList();
        static final List<Archive> CALIBRATED = List.of(Archive.own(Seeds.model(Networks.ROW, true)));
        static final List<Archive> ENSEMBLES = List.of(Archive.own(Seeds.ensemble()));
        static final List<byte[]> ONNX = Seeds.onnx();
        static final List<Archive> MODELS_1 = Stream.of(Networks.ROW, Networks.DL4J)
                .map(network -> Archive.own(Seeds.model1(network)))
                .toList();
        static final List<Archive> EXTRACTORS = Stream.of(Networks.values())
                .map(network -> Archive.own(Seeds.extractor(network)))
                .toList();
        static final List<Archive> CHECKPOINTS = List.of(Archive.own(Seeds.checkpoint()));
        static final List<Archive> DL4J = Stream.of(Networks.ROW, Networks.DL4J)
                .map(network -> Archive.foreign(Seeds.dl4j(network)))
                .toList();
        static final List<Archive> KERAS = List.of(Archive.foreign(Seeds.golden("keras_models/worldwide.keras")));

        static final byte[] SAFETENSORS = Seeds.safetensors("F32", 4);

        private Good() {}
    }

    /** The layers that want weights, of a network that is described once: an input costs the reading alone. */
    private static final class Wanted {
        static final NetworkLayers VGG =
                of(Backbone.vgg16().upTo("block1_conv1"), Backbone.vgg16().torchNames());
        static final NetworkLayers KERAS =
                of(Backbone.keras(Seeds.GOLDEN.resolve("keras_models/worldwide.keras")), List.of());

        private Wanted() {}

        private static NetworkLayers of(Backbone backbone, List<Map<String, String>> torchNames) {
            Network network = SizedBackbone.of(backbone, 32, 32).network();
            return NetworkLayers.of(network, network, torchNames);
        }
    }

    private static final Path FOLDER = folder();

    private final String planted;

    Parser(String planted) {
        this.planted = planted;
    }

    abstract void parse(byte[] input);

    /** Whether an {@link IllegalArgumentException} is documented: of what a caller says, or of JSON that is handed over as text. */
    boolean refusesArguments() {
        return this == JSON || this == ONNX;
    }

    /** An ONNX model is run once, and how much it computes within the memory that it may take is its own affair. */
    int mostSeconds() {
        return this == ONNX ? 20 : 1;
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

    /**
     * Whether a sound file of an input is also made ready to compute, which takes several times as long as reading it: one of
     * sixteen, the same ones each time.
     */
    private static boolean isComputed(byte[] input) {
        CRC32 crc = new CRC32();
        crc.update(input);
        return (crc.getValue() & 15) == 0;
    }

    private static void classifier(List<Archive> good, byte[] input) {
        Path file = file("model.t4j", Archive.changed(good, input));
        if (isComputed(input)) {
            ImageClassifier.load(file).close();
        } else {
            ModelFile.check(file, false);
        }
    }

    private static void weights(Path file, NetworkLayers wanted) {
        WeightsLoader.load(Weights.file(file), Optional.empty(), wanted);
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
