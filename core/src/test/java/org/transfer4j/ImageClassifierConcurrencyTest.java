package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Weights;
import org.transfer4j.head.Head;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;

class ImageClassifierConcurrencyTest {
    private static final int THREADS = 8;
    private static final int PREDICTIONS = 50;

    /** The last one has a trunk that runs on DL4J, of which only one thread at a time may be in. */
    @ParameterizedTest
    @CsvSource({"plain, all", "plain, pool1", "plain, none", "residual, all", "residual, none", "upsampling, all"})
    void manyThreadsPredictWhatOneDoes(String backbone, String freeze) throws Exception {
        try (ImageClassifier classifier = trained(backbone, freeze)) {
            List<List<ClassScore>> serial = IntStream.range(0, PREDICTIONS)
                    .mapToObj(i -> classifier.predict(Pictures.image(i)).top(2))
                    .toList();
            assertThat(serial).doesNotHaveDuplicates();
            List<List<ClassScore>> batched = predictAll(classifier);

            ExecutorService threads = Executors.newFixedThreadPool(THREADS);
            try {
                List<Future<Void>> done = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    done.add(threads.submit(predicting(classifier, thread, serial, batched)));
                }
                for (Future<Void> each : done) {
                    each.get();
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    /** Each thread starts with another image, and asks for one now and for several then. */
    private static Callable<Void> predicting(
            ImageClassifier classifier, int thread, List<List<ClassScore>> serial, List<List<ClassScore>> batched) {
        return () -> {
            for (int i = 0; i < PREDICTIONS; i++) {
                int image = (i + thread * 7) % PREDICTIONS;
                assertThat(classifier.predict(Pictures.image(image)).top(2)).isEqualTo(serial.get(image));
            }
            assertThat(predictAll(classifier)).isEqualTo(batched);
            return null;
        };
    }

    private static List<List<ClassScore>> predictAll(ImageClassifier classifier) {
        return classifier.predict(Pictures.dataset(PREDICTIONS)).stream()
                .map(prediction -> prediction.top(2))
                .toList();
    }

    private static ImageClassifier trained(String name, String freeze) {
        Backbone backbone = switch (name) {
            case "plain" -> TinyBackbones.plain();
            case "residual" -> TinyBackbones.residual();
            default -> TinyBackbones.upsampling();
        };
        TransferLearner learner = TransferLearner.of(backbone)
                .weights(Weights.random())
                .head(Head.flatten().dense(24).dropout(0.3))
                .epochs(1);
        TransferLearner frozen = switch (freeze) {
            case "all" -> learner.freezeAll();
            case "none" -> learner.unfreezeAll();
            default -> learner.freezeUpTo(freeze);
        };
        return frozen.fit(Pictures.dataset(8));
    }
}
