package org.transfer4j.internal.fit;

import java.util.List;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.plan.NetworkPlan;
import org.transfer4j.internal.settings.TrainingPhases;
import org.transfer4j.internal.tail.onednn.DenseChain;

/** What the phases of a fit take of memory: found before the first, not when a later one begins, hours after it. */
final class PhaseMemory {
    private PhaseMemory() {}

    /**
     * Checks it.
     *
     * @param phases the phases
     * @param classes how many there are
     * @param images the most images that a pass goes over, or -1 where only reading them tells
     * @throws IllegalArgumentException if a batch is larger than Java can address
     * @throws org.transfer4j.error.MemoryLimitException if a phase can't be run in the memory that there is
     */
    static void require(List<TrainingPhases.PlannedPhase> phases, int classes, long images) {
        for (int i = 0; i < phases.size(); i++) {
            String phase = phases.size() == 1 ? "" : "phase " + (i + 1) + ": ";
            require(phase, phases.get(i), phases.get(i).plan(classes), images);
        }
    }

    private static void require(String phase, TrainingPhases.PlannedPhase planned, NetworkPlan plan, long images) {
        NetworkSize.of(plan.network()).requireMemory(null, plan.height(), plan.width());
        int read = plan.cut().isPresent() ? ExampleSupply.FEATURE_BATCH : planned.batchSize();
        Shape features = Shape.of(plan.featureShape());
        requireAddressable(
                phase,
                rows(read, images),
                "images of " + planned.imageSize(),
                plan.network().inputShape());
        requireAddressable(phase, rows(read, images), "images' features of " + features, features);
        if (!DenseChain.isAllOf(plan.tail())) {
            // dense layers alone read row by row
            requireAddressable(phase, rows(planned.batchSize(), images), "images' features of " + features, features);
        }
        long kept = NetworkSize.product(NetworkSize.keptValues(plan.tail()), rows(planned.batchSize(), images));
        long bytes = planned.network().precision() == Precision.FLOAT32 ? Float.BYTES : Short.BYTES;
        NativeMemory.require(
                null,
                phase + "a step of training on " + rows(planned.batchSize(), images) + " images of " + planned.imageSize(),
                NetworkSize.product(bytes, kept));
    }

    /** One at least, where nobody knows. */
    private static long rows(int batchSize, long images) {
        return images < 0 ? 1 : Math.min(batchSize, images);
    }

    private static void requireAddressable(String phase, long rows, String what, Shape shape) {
        if (NetworkSize.product(rows, shape.elements(), Float.BYTES) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    phase + "a batch must fit in 2 GiB, but " + rows + " " + what + " do not");
        }
    }
}
