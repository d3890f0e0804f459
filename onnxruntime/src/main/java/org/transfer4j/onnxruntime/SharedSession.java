package org.transfer4j.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import onnx.Onnx.ModelProto;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * A session of ONNX Runtime, one in a process for a model and settings: its threads and packed weights are shared by all who
 * lease it, and go with the last of them. It may be used by several threads at once.
 */
final class SharedSession {
    private static final Map<Key, SharedSession> OPEN = new HashMap<>();

    private record Key(String sha256, Provider provider, int threads) {}

    private final Key key;
    private final OrtSession session;
    private int users;

    private SharedSession(Key key, OrtSession session) {
        this.key = key;
        this.session = session;
    }

    /** One user's right to a session. */
    static final class Lease implements AutoCloseable {
        private final SharedSession shared;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Lease(SharedSession shared) {
            this.shared = shared;
        }

        SharedSession session() {
            return shared;
        }

        @Override
        public void close() {
            if (!closed.getAndSet(true)) {
                release(shared);
            }
        }
    }

    /**
     * Opens a session, or joins one that is open.
     *
     * @param sha256 of the model
     * @param model its bytes, of which nothing is kept
     * @throws IllegalArgumentException if ONNX Runtime does not take it
     */
    static Lease lease(String sha256, INDArray model) {
        Key key = new Key(sha256, Provider.chosen(), NativeThreads.count());
        synchronized (OPEN) {
            SharedSession shared = OPEN.get(key);
            if (shared == null) {
                shared = new SharedSession(key, open(key, model));
                OPEN.put(key, shared);
            }
            shared.users++;
            return new Lease(shared);
        }
    }

    private static void release(SharedSession shared) {
        synchronized (OPEN) {
            if (--shared.users == 0) {
                OPEN.remove(shared.key);
                try {
                    shared.session.close();
                } catch (OrtException e) {
                    throw new IllegalStateException("ONNX Runtime can't close a session: " + e.getMessage(), e);
                }
            }
        }
    }

    /** How many sessions are open. */
    static int count() {
        synchronized (OPEN) {
            return OPEN.size();
        }
    }

    private static OrtSession open(Key key, INDArray model) {
        if (key.provider() == Provider.CPU) {
            ModelProto proto = ModelFile.parsed(model);
            ModelProto steps = NormalizationSteps.of(proto, key.threads());
            // a copy of what may be gigabytes is made only where something became other nodes
            if (steps.getGraph().getNodeCount() > proto.getGraph().getNodeCount()) {
                try (INDArray written = ModelBytes.of(steps)) {
                    return create(key, written);
                }
            }
        }
        return create(key, model);
    }

    private static OrtSession create(Key key, INDArray model) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(key.threads());
            options.setInterOpNumThreads(1);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            // what was checked is ONNX: by itself the runtime looks for its own format, too, which the same bytes may
            // be
            options.addConfigEntry("session.load_model_format", "ONNX");
            // a thread that waits leaves its core to others
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
            if (key.provider() == Provider.CPU) {
                NormalizationSteps.keepApart(options);
            }
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            key.provider().addTo(options);
            return environment().createSession(ModelBytes.memory(model), options);
        } catch (OrtException e) {
            throw new IllegalArgumentException(
                    "ONNX Runtime " + version() + " does not take the model: " + e.getMessage(), e);
        }
    }

    private static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment();
    }

    static String version() {
        return environment().getVersion();
    }

    /** What computes, for the log and for cache keys. */
    String engine() {
        return "ONNX Runtime " + version() + " " + key.provider() + ", threads: " + key.threads();
    }

    /** What a run gave. */
    static final class Output {
        private final long[] shape;
        private final float[] values;

        private Output(long[] shape, float[] values) {
            this.shape = shape;
            this.values = values;
        }

        long[] shape() {
            return shape;
        }

        float[] values() {
            return values;
        }
    }

    /**
     * Runs it, for what is not known before.
     *
     * @param images direct, in native order, [N, C, H, W] as the shape says
     * @throws IllegalArgumentException if ONNX Runtime fails
     */
    Output run(FloatBuffer images, long[] shape) {
        return runAll(images, shape).get(0);
    }

    /**
     * The same for a model of several outputs.
     *
     * @return in their order
     */
    List<Output> runAll(FloatBuffer images, long[] shape) {
        try (OnnxTensor input = OnnxTensor.createTensor(environment(), images, shape);
                OrtSession.Result result = session.run(Map.of(FeatureModel.IMAGES, input))) {
            List<Output> all = new ArrayList<>();
            for (int i = 0; i < result.size(); i++) {
                all.add(copied(result.get(i)));
            }
            return all;
        } catch (OrtException e) {
            throw new IllegalArgumentException("ONNX Runtime can't run it: " + e.getMessage(), e);
        }
    }

    private static Output copied(OnnxValue value) {
        if (!(value instanceof OnnxTensor output)) {
            throw new IllegalArgumentException("the model gives no tensor but " + value.getInfo());
        }
        FloatBuffer values = output.getFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        return new Output(output.getInfo().getShape(), copy);
    }

    /**
     * Runs it into memory of the caller's.
     *
     * @param images direct, in native order
     * @param features direct, in native order, as large as the shape says
     */
    void run(FloatBuffer images, long[] imagesShape, FloatBuffer features, long[] featuresShape) {
        try (OnnxTensor input = OnnxTensor.createTensor(environment(), images, imagesShape);
                OnnxTensor output = OnnxTensor.createTensor(environment(), features, featuresShape);
                OrtSession.Result result = session.run(
                        Map.of(FeatureModel.IMAGES, input), Set.of(), Map.of(FeatureModel.FEATURES, output))) {
            result.size();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime can't run the model: " + e.getMessage(), e);
        }
    }

    /** What computes for ONNX Runtime. Only the CPU's was tried here. */
    enum Provider {
        CPU(OrtProvider.CPU, "every jar has it"),
        CUDA(
                OrtProvider.CUDA,
                "com.microsoft.onnxruntime:onnxruntime_gpu brings it, in place of com.microsoft.onnxruntime:onnxruntime, which is"
                        + " to be excluded: both have the same classes"),
        COREML(OrtProvider.CORE_ML, "com.microsoft.onnxruntime:onnxruntime has it on macOS alone"),
        DIRECTML(
                OrtProvider.DIRECT_ML, "no jar is published that has it; ONNX Runtime can be built with it on Windows"),
        XNNPACK(
                OrtProvider.XNNPACK,
                "no jar is published that has it on this platform; ONNX Runtime can be built with it");

        /** The system property. */
        static final String PROPERTY = "transfer4j.onnxruntime.provider";

        private final OrtProvider provider;
        private final String wherefrom;

        Provider(OrtProvider provider, String wherefrom) {
            this.provider = provider;
            this.wherefrom = wherefrom;
        }

        /**
         * What the property says, or the CPU.
         *
         * @throws IllegalArgumentException if there is no such provider
         * @throws IllegalStateException if the runtime on the class path lacks it: never silently another
         */
        static Provider chosen() {
            String name = System.getProperty(PROPERTY, "cpu").strip();
            Provider chosen = Arrays.stream(values())
                    .filter(provider -> provider.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            PROPERTY + " must be one of " + Arrays.toString(values()) + ", got " + name));
            chosen.require(OrtEnvironment.getAvailableProviders());
            return chosen;
        }

        void require(Set<OrtProvider> there) {
            if (!there.contains(provider)) {
                throw new IllegalStateException(
                        "this ONNX Runtime has no provider " + this + ", only " + there + ": " + wherefrom);
            }
        }

        void addTo(OrtSession.SessionOptions options) throws OrtException {
            switch (this) {
                case CPU -> {
                    // is there without being asked for
                }
                case CUDA -> options.addCUDA();
                case COREML -> options.addCoreML();
                case DIRECTML -> options.addDirectML(0);
                case XNNPACK -> options.addXnnpack(Map.of());
            }
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
