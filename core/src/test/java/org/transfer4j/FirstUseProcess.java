package org.transfer4j;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.BrokenImages;
import org.transfer4j.dataset.ImageBatches;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;
import org.transfer4j.label.MultiHotLabelEncoder;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.GrayToRgbResizer;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;

/** A process whose first use of the library is one call, on a thread of some kind. */
final class FirstUseProcess {
    private FirstUseProcess() {}

    /** A call of the public face that comes to native code. */
    enum Entry {
        ONE_HOT {
            @Override
            void call(Path folder) {
                OneHotLabelEncoder.ofClasses(3).encode(List.of("1", "2"));
            }
        },
        MULTI_HOT {
            @Override
            void call(Path folder) {
                MultiHotLabelEncoder.fit(List.of(List.of("a"), List.of("b"))).encode(List.of(List.of("b")));
            }
        },
        RESIZER {
            @Override
            void call(Path folder) {
                try (Mat image = new Mat(4, 4, 0);
                        Mat resized = new GrayToRgbResizer(8, 8).apply(image)) {
                    resized.rows();
                }
            }
        },
        AUGMENTATION {
            @Override
            void call(Path folder) {
                try (Mat image = new Mat(4, 4, 0);
                        Mat other = Augmentation.photos().apply(image, 8, 8, new Random(1))) {
                    other.rows();
                }
            }
        },
        IMAGE {
            @Override
            void call(Path folder) {
                SampleDatasets.digits().image(3);
            }
        },
        BATCHES {
            @Override
            void call(Path folder) {
                try (ImageBatches batches =
                        SampleDatasets.digits().batches(BatchSettings.of(8, 8, ImagePreprocessing.unit()))) {
                    batches.next();
                }
            }
        },
        FOLDER {
            @Override
            void call(Path folder) {
                ImageDataset.folder(folder.resolve("pictures"), BrokenImages.SKIP);
            }
        },
        LEARNER_OF_KERAS {
            @Override
            void call(Path folder) {
                TransferLearner.of(Backbone.keras(folder.resolve("model.keras")))
                        .features(digits());
            }
        },
        FEATURES {
            @Override
            void call(Path folder) {
                learner().features(digits());
            }
        },
        ESTIMATE {
            @Override
            void call(Path folder) {
                learner().estimate(digits());
            }
        },
        LEARNING_RATE_FINDER {
            @Override
            void call(Path folder) {
                learner().learningRateFinder(digits());
            }
        },
        FIT {
            @Override
            void call(Path folder) {
                learner().fit(digits()).close();
            }
        },
        LOAD {
            @Override
            void call(Path folder) {
                try (ImageClassifier classifier = ImageClassifier.load(folder.resolve("model.t4j"))) {
                    classifier.predict(new ByteArrayInputStream(Pictures.png(1)));
                }
            }
        };

        abstract void call(Path folder);
    }

    private static TransferLearner learner() {
        return TransferLearner.tinyVgg().head(Head.globalAveragePooling()).epochs(1);
    }

    private static ImageDataset digits() {
        return SampleDatasets.digits().shuffle(1).limit(40);
    }

    /** What the entries read. */
    static void prepare(Path folder) {
        try (ImageClassifier classifier = learner().fit(digits())) {
            classifier.save(folder.resolve("model.t4j"));
            for (String label : List.of("red", "blue")) {
                Path file = folder.resolve("pictures").resolve(label).resolve("1.png");
                Files.createDirectories(file.getParent());
                Files.write(file, Pictures.png(label.equals("red") ? 0 : 1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Calls an entry, or all of them at the same time, and once more on the main thread.
     *
     * @param arguments the folder, the kinds of thread ("null", "blind", "interrupted", "cold" for an empty cache of native
     *     libraries, "homeless" for none), the entries
     */
    public static void main(String[] arguments) throws InterruptedException {
        Path folder = Path.of(arguments[0]);
        List<String> kinds = List.of(arguments[1].split(","));
        if (kinds.contains("cold")) {
            System.setProperty(
                    "org.bytedeco.javacpp.cachedir", folder.resolve("cache").toString());
        }
        if (kinds.contains("homeless")) {
            String none = folder.resolve("model.t4j").resolve("none").toString();
            System.setProperty("user.home", none);
            System.setProperty("java.io.tmpdir", none);
        }
        List<Thread> threads = new ArrayList<>();
        List<Entry> entries = Pattern.compile(",")
                .splitAsStream(arguments[2])
                .map(Entry::valueOf)
                .toList();
        for (Entry entry : entries) {
            Thread thread = new Thread(() -> first(entry, folder, kinds));
            if (kinds.contains("null")) {
                thread.setContextClassLoader(null);
            } else if (kinds.contains("blind")) {
                thread.setContextClassLoader(new ClassLoader(null) {});
            }
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        for (Entry entry : entries) {
            report("again ", () -> entry.call(folder));
        }
        System.exit(0);
    }

    private static void first(Entry entry, Path folder, List<String> kinds) {
        boolean interrupted = kinds.contains("interrupted");
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        report("first ", () -> {
            try {
                entry.call(folder);
            } catch (CancellationException | TrainingStoppedException e) {
                if (!interrupted) {
                    throw e;
                }
            }
            if (interrupted && !Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("the thread is no longer interrupted");
            }
        });
    }

    private static synchronized void say(String line) {
        System.out.println(line);
    }

    private static void report(String when, Runnable call) {
        try {
            call.run();
            say(when + "done");
        } catch (Throwable e) {
            StringBuilder causes = new StringBuilder(when + e);
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                causes.append(" <- ").append(cause);
            }
            say(causes.toString());
        }
    }
}
