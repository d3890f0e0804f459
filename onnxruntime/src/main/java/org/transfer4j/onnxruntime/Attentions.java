package org.transfer4j.onnxruntime;

import java.util.ArrayList;
import java.util.List;
import onnx.Onnx.TensorProto.DataType;
import org.transfer4j.internal.network.NetworkSize;
import org.transfer4j.onnxruntime.NodeCall.UnforeseenException;

/** Shapes of what attention gives, and of the weights of each token for each other one, which it computes on the way. */
final class Attentions {
    /** Where ONNX' own operator has the keys and values of tokens that were before, and where those of Microsoft have them. */
    private static final List<Integer> PAST = List.of(4, 5);

    private static final List<Integer> PAST_OF_HEADS = List.of(6, 7);

    private static final int PAST_OF_PACKED = 4;

    private Attentions() {}

    /** The last is no output, but what is computed on the way. */
    static List<Foreseen> outputs(NodeCall call, DataType type) {
        List<Long> queries = call.shape(0, 3);
        boolean ownOfMicrosoft = call.operator().equals("MultiHeadAttention");
        boolean packed = !ownOfMicrosoft && call.has(1) && call.shape(1).size() == 2;
        requireNoPast(call, packed ? List.of(PAST_OF_PACKED) : ownOfMicrosoft ? PAST_OF_HEADS : PAST);
        int last = queries.size() - 1;
        List<Long> keys = packed || !call.has(1) ? queries : call.shape(1, 3);
        List<Long> values = packed || !call.has(2) ? keys : call.shape(2, 3);
        long heads = queries.size() == 4
                ? queries.get(1)
                : Math.max(1, call.integer("num_heads", call.integer("q_num_heads", 1)));
        List<Long> given = new ArrayList<>(queries);
        given.set(last, packed ? width(call) : values.get(values.size() - 1));
        long length = keys.get(Math.min(keys.size() - 1, keys.size() == 4 ? 2 : 1));
        List<Foreseen> outputs = new ArrayList<>(List.of(Foreseen.of(type, given)));
        for (int i = 1; i < call.outputs(); i++) {
            outputs.add(Foreseen.of(type, List.of(queries.get(0), heads, length, given.get(last))));
        }
        outputs.add(Foreseen.upTo(
                DataType.FLOAT,
                NetworkSize.product(2, queries.get(0), heads, queries.get(queries.size() - 2), length)));
        return outputs;
    }

    /** How many numbers a token has of weights that give queries, keys and values at once. */
    private static long width(NodeCall call) {
        return call.longs("qkv_hidden_sizes", -1)
                .filter(sizes -> sizes.size() == 3)
                .map(sizes -> sizes.get(2))
                .orElseGet(() -> call.shape(1).get(1) / 3);
    }

    /** Networks of images have none. */
    private static void requireNoPast(NodeCall call, List<Integer> inputs) {
        if (inputs.stream().anyMatch(call::has)) {
            throw new UnforeseenException("looks at tokens that were before, whose memory is not counted here");
        }
    }
}
