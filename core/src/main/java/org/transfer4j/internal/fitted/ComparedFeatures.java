package org.transfer4j.internal.fitted;

import java.util.Optional;
import java.util.OptionalInt;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.calibration.KnownFeatures;
import org.transfer4j.internal.feature.Batch;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.plan.NetworkPlan;

/** What images are compared by: the means of the channels of what the frozen layers give, brought to length 1. */
public final class ComparedFeatures {
    private final int channels;
    private final long area;

    private ComparedFeatures(Shape shape) {
        channels = shape.channels();
        area = shape.elements() / channels;
    }

    /** Those of a network; empty if nothing of it is frozen. */
    static Optional<ComparedFeatures> of(NetworkPlan plan) {
        return plan.frozenOutput().map(ComparedFeatures::new);
    }

    /** How many there are of an image; empty if nothing is frozen. */
    public static OptionalInt width(NetworkPlan plan) {
        return of(plan).stream().mapToInt(own -> own.channels).findFirst();
    }

    /** Those of each image of a batch that passed the frozen layers. */
    float[][] vectors(Batch batch) {
        float[][] means = means(batch.features());
        for (float[] row : means) {
            KnownFeatures.toLengthOne(row);
        }
        return means;
    }

    private float[][] means(INDArray values) {
        long images = values.size(0);
        if (area == 1) {
            return values.reshape('c', images, channels).toFloatMatrix();
        }
        try (INDArray means = values.reshape('c', images, channels, area).mean(2)) {
            return means.toFloatMatrix();
        }
    }
}
