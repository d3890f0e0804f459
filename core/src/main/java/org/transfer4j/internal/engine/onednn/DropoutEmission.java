package org.transfer4j.internal.engine.onednn;

import java.util.Arrays;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.FloatPointer;
import org.transfer4j.internal.engine.onednn.Tape.Tensor;
import org.transfer4j.internal.network.DropoutMask;
import org.transfer4j.internal.thread.Workers;

/** Dropout: a product with a mask that is drawn anew for each step, whatever the layout of what it drops from. */
final class DropoutEmission {
    private DropoutEmission() {}

    static void emit(Operation.Dropout dropout, PlanBuilder plan) {
        Tensor read = plan.tensor(dropout.input());
        if (!plan.isTraining()) {
            plan.define(dropout.output(), read);
            plan.backward(dropout, gradient -> gradient);
            return;
        }
        long[] dimensions = plan.dimensions(dropout.input());
        memory.desc layout =
                Layouts.plain(dropout.channels() ? new long[] {dimensions[0], dimensions[1], 1, 1} : dimensions);
        FloatPointer place = new FloatPointer(plan.tape().memory(layout, "what dropout keeps"));
        int images = Math.toIntExact(dimensions[0]);
        int row = Math.toIntExact(layout.get_size() / Float.BYTES / images);
        int firstImage = plan.tape().firstImage();
        plan.tape().beforeForward(step -> {
            DropoutMask mask = dropout.masks().apply(step);
            Workers.run(images, image -> {
                float[] kept = new float[row];
                Arrays.fill(kept, 1);
                mask.apply(firstImage + image, kept);
                place.getPointer((long) image * row).put(kept);
            });
        });
        Tensor mask = plan.tape().fixed(layout, place);
        plan.define(dropout.output(), BinaryEmission.product(plan, read, mask));
        plan.backward(dropout, gradient -> BinaryEmission.product(plan, gradient, mask));
    }
}
