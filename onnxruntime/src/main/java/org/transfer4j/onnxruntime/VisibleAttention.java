package org.transfer4j.onnxruntime;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.engine.OnnxEngine;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.onnx.ModelBytes;
import org.transfer4j.onnxruntime.OnnxTopology.Probe;

/** A transformer that gives the softmax of its attention, too. Holds a lease of a session of its own. */
final class VisibleAttention implements OnnxEngine.Attention {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final String OUTPUT = "transfer4j/attention";

    /** Of a row's sum from 1, in float16. */
    private static final double ROUNDING = 0.02;

    /** What may stand between the softmax and the product with values. */
    private static final Set<String> PASSED = Set.of("Cast", "Dropout", "Identity");

    /** Attention as one operator, whose softmax nobody sees. */
    private static final Set<String> FUSED =
            Set.of("Attention", "MultiHeadAttention", "GroupQueryAttention", "PackedAttention", "QAttention");

    private final SharedSession.Lease lease;
    private final Cleaner.Cleanable cleanable;
    private final Shape images;
    private final List<Integer> blocks = new ArrayList<>();
    private final int tokens;

    private VisibleAttention(SharedSession.Lease lease, Shape images, List<SharedSession.Output> noise) {
        this.images = images;
        Set<Integer> sizes = new HashSet<>();
        for (int i = 0; i < noise.size(); i++) {
            int size = tokens(noise.get(i));
            if (size > 0) {
                blocks.add(i);
                sizes.add(size);
            }
        }
        if (sizes.isEmpty()) {
            throw new UnsupportedOperationException(
                    "has no attention between all patches of an image, but perhaps within windows: attention rollout is not of it");
        }
        if (sizes.size() > 1) {
            throw new UnsupportedOperationException(
                    "has attention between " + sizes + " tokens: attention rollout wants as many in each block");
        }
        this.tokens = sizes.iterator().next();
        this.lease = lease;
        this.cleanable = CLEANER.register(this, lease::close);
    }

    /**
     * Opens it, and looks at what it gives for an image of noise.
     *
     * @param model checked
     */
    static VisibleAttention of(Op.Onnx op, ModelProto model) {
        ModelProto seen = seen(model);
        ComputedSizes.require(null, seen, ComputedSizes.shape(op.images(), 1));
        try (INDArray bytes = ModelBytes.of(seen)) {
            SharedSession.Lease lease = SharedSession.lease(ModelBytes.sha256(bytes), bytes);
            try {
                return new VisibleAttention(lease, op.images(), Probe.all(lease.session(), op.images()));
            } catch (RuntimeException | Error e) {
                lease.close();
                throw e;
            }
        }
    }

    /** The model with what each softmax before a product gives as one more output, in float. */
    private static ModelProto seen(ModelProto model) {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        List<NodeProto> found = model.getGraph().getNodeList().stream()
                .filter(node -> isOfAttention(model.getGraph(), node))
                .toList();
        if (found.isEmpty()) {
            boolean fused = model.getGraph().getNodeList().stream().anyMatch(node -> FUSED.contains(node.getOpType()));
            throw new UnsupportedOperationException((fused
                            ? "has fused attention, whose softmax is no node"
                            : "has no attention with a softmax of its own")
                    + ": export a transformer without fused attention, timm's by timm.layers.set_fused_attn(False),"
                    + " transformers' with attn_implementation=\"eager\", and don't fuse it afterwards");
        }
        for (NodeProto node : found) {
            String name = OUTPUT + graph.getOutputCount();
            graph.addNode(NodeProto.newBuilder()
                    .setName(name)
                    .setOpType("Cast")
                    .addInput(node.getOutput(0))
                    .addOutput(name)
                    .addAttribute(AttributeProto.newBuilder()
                            .setName("to")
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(TensorProto.DataType.FLOAT.getNumber())));
            graph.addOutput(ValueInfoProto.newBuilder()
                    .setName(name)
                    .setType(TypeProto.newBuilder()
                            .setTensorType(TypeProto.Tensor.newBuilder()
                                    .setElemType(TensorProto.DataType.FLOAT.getNumber()))));
        }
        return model.toBuilder().setGraph(graph).build();
    }

    /** Whether what a softmax gives is the first of two factors. */
    private static boolean isOfAttention(GraphProto graph, NodeProto node) {
        if (!node.getOpType().equals("Softmax")) {
            return false;
        }
        Map<String, List<NodeProto>> readers = new HashMap<>();
        graph.getNodeList()
                .forEach(reader -> reader.getInputList()
                        .forEach(input -> readers.computeIfAbsent(input, name -> new ArrayList<>())
                                .add(reader)));
        String value = node.getOutput(0);
        for (int step = 0; step < graph.getNodeCount(); step++) {
            List<NodeProto> next = readers.getOrDefault(value, List.of());
            String read = value;
            if (next.stream()
                    .anyMatch(reader -> reader.getOpType().equals("MatMul")
                            && reader.getInput(0).equals(read))) {
                return true;
            }
            if (next.size() != 1 || !PASSED.contains(next.get(0).getOpType())) {
                return false;
            }
            value = next.get(0).getOutput(0);
        }
        return false;
    }

    /** Between how many tokens of one image it is, [1, heads, tokens, tokens] with rows of the sum 1; 0 if it is something else. */
    private static int tokens(SharedSession.Output output) {
        long[] shape = output.shape();
        int rank = shape.length;
        if (rank < 3 || rank > 4 || shape[rank - 1] != shape[rank - 2] || (rank == 4 && shape[0] != 1)) {
            return 0;
        }
        int tokens = (int) shape[rank - 1];
        float[] values = output.values();
        for (int row = 0; row < values.length; row += tokens) {
            double sum = 0;
            for (int i = row; i < row + tokens; i++) {
                sum += values[i];
            }
            if (!(Math.abs(sum - 1) < ROUNDING)) {
                return 0;
            }
        }
        return tokens;
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public List<float[]> of(INDArray image) {
        if (!Arrays.equals(image.shape(), images.withBatch(1))) {
            throw new IllegalArgumentException(
                    "attention is of one image of " + images + ", got " + Arrays.toString(image.shape()));
        }
        INDArray source = image.dup('c');
        try (source) {
            FloatBuffer pixels = new FloatPointer(source.data().addressPointer())
                    .limit(images.elements())
                    .asBuffer();
            List<SharedSession.Output> all = lease.session().runAll(pixels, images.withBatch(1));
            // the first output is of features
            return blocks.stream().map(block -> all.get(block + 1).values()).toList();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        cleanable.clean();
    }
}
