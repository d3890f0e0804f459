package org.transfer4j.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What computes for ONNX Runtime. Only the CPU's was tried here. */
enum Provider {
    CPU(OrtProvider.CPU, "every jar has it"),
    CUDA(
            OrtProvider.CUDA,
            "com.microsoft.onnxruntime:onnxruntime_gpu brings it, in place of com.microsoft.onnxruntime:onnxruntime, which is"
                    + " to be excluded: both have the same classes"),
    COREML(OrtProvider.CORE_ML, "com.microsoft.onnxruntime:onnxruntime has it on macOS alone"),
    DIRECTML(OrtProvider.DIRECT_ML, "no jar is published that has it; ONNX Runtime can be built with it on Windows"),
    XNNPACK(OrtProvider.XNNPACK, "no jar is published that has it on this platform; ONNX Runtime can be built with it");

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
