package org.transfer4j.internal.engine.onednn;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.natives.FirstUse;

/** The native library: whether it is there, and what this CPU offers it. Decided once, at the first question. */
public final class OneDnn {
    private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);
    private static final State STATE = detect();

    /**
     * What was found.
     *
     * @param problem why the library is not usable, or null
     */
    private record State(
            @Nullable Library library, @Nullable String problem) {}

    /** The library at hand: one engine for all, which oneDNN allows. */
    public record Library(engine cpu, InstructionSet instructionSet, String version) {}

    private OneDnn() {}

    /**
     * Whether graphs can be compiled here.
     *
     * @return false where no native library is published for the platform or it does not load; never throws
     */
    public static boolean available() {
        return STATE.library() != null;
    }

    /** Whether ND4J's arrays are in the memory that it works in; with a GPU behind ND4J they are not. */
    public static boolean holdsArrays() {
        return Nd4j.getExecutioner().getClass().getName().contains("nativecpu");
    }

    /**
     * Why it is not available.
     *
     * @return the reason, empty where it is available
     */
    public static Optional<String> problem() {
        return Optional.ofNullable(STATE.problem());
    }

    /**
     * Whether this CPU computes so in hardware.
     *
     * @return false also where oneDNN is not available
     */
    public static boolean supports(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> available();
            case BFLOAT16 -> has(InstructionSet.AVX512_BF16);
        };
    }

    /**
     * Whether this CPU multiplies tiles (AMX), as Intel's Xeons from 2023 on do.
     *
     * @return false also where oneDNN is not available
     */
    public static boolean hasTiles() {
        return has(InstructionSet.AVX512_AMX);
    }

    private static boolean has(InstructionSet wanted) {
        return STATE.library() != null && STATE.library().instructionSet().includes(wanted);
    }

    /** The library, where it is available. */
    public static Library library() {
        if (STATE.library() == null) {
            throw new IllegalStateException("oneDNN is not available: " + STATE.problem());
        }
        return STATE.library();
    }

    private static State detect() {
        try {
            new FirstUse("oneDNN", dnnl.class).start();
            engine cpu = new engine(engine.kind.cpu, 0);
            cpu.retainReference(); // lives on after a scope that the caller may have open
            InstructionSet instructionSet = InstructionSet.of(dnnl.dnnl_get_effective_cpu_isa());
            dnnl_version_t version = dnnl.dnnl_version();
            String name = version.major() + "." + version.minor() + "." + version.patch();
            LOG.debug("oneDNN {} with {}", name, instructionSet);
            return new State(new Library(cpu, instructionSet, name), null);
        } catch (LinkageError | RuntimeException cause) {
            // LinkageError: no native library for this platform
            String message = "oneDNN is not available, frozen layers run on DL4J: {}";
            if (cause instanceof UncheckedIOException) {
                // the platform has it: many times slower for nothing
                LOG.warn(message, cause.getMessage());
            } else {
                LOG.info(message, cause.toString());
            }
            return new State(null, cause.toString());
        }
    }

    /** What the CPU offers oneDNN, as far as a choice here depends on it. */
    enum InstructionSet {
        /** SSE 4.1 on x86, and whatever oneDNN takes on other processors. */
        BASE(0),
        AVX2(dnnl.dnnl_cpu_isa_avx2),
        /** With the core, byte-word, doubleword-quadword and vector-length extensions. */
        AVX512(dnnl.dnnl_cpu_isa_avx512_core),
        /** AVX-512 with products of bfloat16. */
        AVX512_BF16(dnnl.dnnl_cpu_isa_avx512_core_bf16),
        /** The same with products of tiles, of bfloat16 and of bytes. */
        AVX512_AMX(dnnl.dnnl_cpu_isa_avx512_core_amx);

        private final int bits;

        InstructionSet(int bits) {
            this.bits = bits;
        }

        /** Reads the bit mask of {@code dnnl_get_effective_cpu_isa}. */
        static InstructionSet of(int mask) {
            return Arrays.stream(values())
                    .filter(set -> (mask & set.bits) == set.bits)
                    .max(Comparator.naturalOrder())
                    .orElse(BASE);
        }

        /** Whether it has all that another one has. */
        boolean includes(InstructionSet other) {
            return compareTo(other) >= 0;
        }
    }
}
