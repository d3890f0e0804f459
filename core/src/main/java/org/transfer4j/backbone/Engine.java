package org.transfer4j.backbone;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * What computes frozen layers, in all fits, feature extractions and predictions of the process:
 * {@code Engine.use(Engine.ONNXRUNTIME)}. It is no part of a classifier or its file. Features of two engines differ by 1e-4 or
 * less (relative L2).
 */
public enum Engine {
    /**
     * What {@code -Dtransfer4j.engine} says; without it the first that is there of {@link #ONEDNN}, {@link #ONNXRUNTIME} and
     * {@link #DL4J}. The default.
     */
    AUTOMATIC,

    /** oneDNN, on x86-64 and on Linux on ARM64; elsewhere, and for layers that it lacks, as {@link #AUTOMATIC}. */
    ONEDNN,

    /**
     * ONNX Runtime, which the module {@code transfer4j-onnxruntime} brings: without it a network can't be made ready, which is
     * an {@link IllegalStateException}. Layers that it lacks run on DL4J, which the log says.
     */
    ONNXRUNTIME,

    /**
     * DL4J, on every platform, also for layers that are trained; frozen layers that it lacks are computed by plain Java, slowly,
     * which the log says, and are not trained.
     */
    DL4J;

    /** The system property, read when a network is made ready: {@value}. */
    public static final String PROPERTY = "transfer4j.engine";

    private static volatile Engine used = AUTOMATIC;

    /**
     * Sets what computes the networks that are made ready from now on: by {@code fit}, {@code features}, {@code load} and their
     * kin. Classifiers that are there keep theirs.
     *
     * @param engine the engine of this process
     */
    public static void use(Engine engine) {
        used = Objects.requireNonNull(engine, "engine");
    }

    /**
     * What holds in this process.
     *
     * @return what {@link #use} was given, or what the system property says; {@link #AUTOMATIC} where neither says anything
     * @throws IllegalArgumentException if the property is no engine's name in lower case
     */
    public static Engine current() {
        Engine engine = used;
        if (engine != AUTOMATIC) {
            return engine;
        }
        String name = System.getProperty(PROPERTY, AUTOMATIC.toString()).strip();
        return Arrays.stream(values())
                .filter(value -> value.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        PROPERTY + " must be one of " + Arrays.toString(values()) + ", got " + name));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
