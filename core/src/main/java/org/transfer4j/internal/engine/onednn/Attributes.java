package org.transfer4j.internal.engine.onednn;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.transfer4j.internal.network.Activation;

/**
 * What a primitive does besides its own work. Scratch memory always comes from us: with oneDNN 2.5's own, a primitive
 * that was made by one thread and runs in another crashes.
 */
final class Attributes {
    private Attributes() {}

    static primitive_attr none() {
        return of(false, Activation.IDENTITY);
    }

    /**
     * Attributes of a primitive.
     *
     * @param accumulate whether the result is added to what its memory holds before
     * @param activation what comes last
     */
    static primitive_attr of(boolean accumulate, Activation activation) {
        primitive_attr attributes = new primitive_attr();
        attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
        if (accumulate || !activation.isIdentity()) {
            post_ops after = new post_ops();
            if (accumulate) {
                after.append_sum(1, memory.data_type.undef);
            }
            if (!activation.isIdentity()) {
                after.append_eltwise(
                        1, activation.function().oneDnn(), (float) activation.alpha(), (float) activation.beta());
            }
            attributes.set_post_ops(after);
        }
        return attributes;
    }
}
