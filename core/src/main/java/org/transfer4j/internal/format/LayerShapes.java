package org.transfer4j.internal.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Shape;

/**
 * What a layer of DL4J wants, parameter by parameter in the order of files.
 *
 * @param name the layer
 * @param kind what its weights mean
 * @param flattened the image that is flattened before a dense layer, a vector elsewhere
 * @param shapes from DL4J's name of a parameter to its shape in DL4J
 */
public record LayerShapes(String name, Kind kind, Shape flattened, Map<String, long[]> shapes) {
    /** DL4J's name of a kernel. */
    public static final String KERNEL = "W";

    /** DL4J's name of the second kernel of a separable convolution. */
    public static final String POINTWISE = "pW";

    /** DL4J's name of what it may have for a variance: the logarithm of its root to base 10. */
    public static final String LOGARITHM = "log10stdev";

    /** Files keep kernels, bias and, for batch normalization, gamma, beta, moving mean, moving variance. */
    private static final List<String> ORDER =
            List.of(KERNEL, POINTWISE, "b", "gamma", "beta", "mean", "var", LOGARITHM);

    /** Brings the parameters into the order of files, whatever theirs is. */
    public static LayerShapes of(String name, Kind kind, Shape flattened, Map<String, long[]> shapes) {
        Map<String, long[]> ordered = new LinkedHashMap<>();
        for (String parameter : ORDER) {
            long[] shape = shapes.get(parameter);
            if (shape != null) {
                ordered.put(parameter, shape);
            }
        }
        if (ordered.size() != shapes.size()) {
            throw new IllegalArgumentException(
                    "layer " + name + " has parameters " + shapes.keySet() + ", known are " + ORDER);
        }
        return new LayerShapes(name, kind, flattened, ordered);
    }

    /** What differs between this and a layer of a file; empty where nothing does. */
    public Optional<String> misfit(StoredLayer layer, ArrayLayout layout) {
        String names = layer.name().equals(name) ? name : name + " (" + layer.name() + " in the file)";
        if (layer.arrays().size() != shapes.size()) {
            return Optional.of(names + " has " + layer.arrays().size() + " arrays, expected " + shapes.size() + " ("
                    + String.join(", ", shapes.keySet()) + ")");
        }
        List<String> wrong = new ArrayList<>();
        int i = 0;
        for (String parameter : shapes.keySet()) {
            StoredArray array = layer.arrays().get(i++);
            long[] shape = layout.shape(this, parameter);
            if (!array.hasShape(shape)) {
                wrong.add(names + " " + parameter + " is of shape " + array.shapeText() + ", expected "
                        + Arrays.toString(shape));
            }
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
    }

    /** Reads the layer's values into DL4J's layout; they must fit. */
    public Map<String, INDArray> read(StoredLayer layer, ArrayLayout layout) {
        Map<String, INDArray> parameters = new LinkedHashMap<>();
        int i = 0;
        for (Map.Entry<String, long[]> wanted : shapes.entrySet()) {
            String parameter = wanted.getKey();
            float[] stored = layer.arrays().get(i++).read(layout.shape(this, parameter));
            float[] values = switch (parameter) {
                case KERNEL -> layout.kernelToDl4j(this, stored);
                case POINTWISE -> layout.kernelToDl4j(pointwise(), stored);
                case LOGARITHM -> logarithms(stored);
                default -> stored;
            };
            parameters.put(parameter, Nd4j.create(values, wanted.getValue(), 'c'));
        }
        return parameters;
    }

    /** A variance of zero has no logarithm: the least takes its place, which is nothing beside any epsilon. */
    private static float[] logarithms(float[] variances) {
        float[] values = new float[variances.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (Math.log10(Math.max(variances[i], Float.MIN_NORMAL)) / 2);
        }
        return values;
    }

    /** The variances that files have, of DL4J's logarithms of their roots. */
    public static float[] variances(float[] logarithms) {
        float[] values = new float[logarithms.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.pow(10, 2.0 * logarithms[i]);
        }
        return values;
    }

    /** The second convolution of a separable one. */
    public LayerShapes pointwise() {
        return new LayerShapes(name, Kind.CONVOLUTION, flattened, Map.of(KERNEL, known(POINTWISE)));
    }

    /** What PyTorch has for a module of that name: two where a convolution is separable. */
    public List<String> modules(String module) {
        return kind == Kind.SEPARABLE_CONVOLUTION
                ? List.of(module + ".depthwise", module + ".pointwise")
                : List.of(module);
    }

    /** The one of {@link #modules} that has a parameter. */
    public String module(String parameter) {
        List<String> modules = modules(name);
        return modules.get(parameter.equals(KERNEL) ? 0 : modules.size() - 1);
    }

    /** The kernel's shape in DL4J. */
    public long[] kernel() {
        return known(KERNEL);
    }

    private long[] known(String parameter) {
        long[] shape = shapes.get(parameter);
        if (shape == null) {
            throw new IllegalStateException("layer " + name + " has no kernel " + parameter);
        }
        return shape;
    }

    /** What a layer's weights mean, as far as programs lay them out differently. */
    public enum Kind {
        /** A kernel [out, in, height, width] in DL4J, and often a bias. */
        CONVOLUTION,
        /** A kernel [height, width, in, multiplier] in DL4J, and often a bias. */
        DEPTHWISE_CONVOLUTION,
        /**
         * A kernel [multiplier, in, height, width] in DL4J, one [out, in times multiplier, 1, 1], and often a bias.
         */
        SEPARABLE_CONVOLUTION,
        /** Slopes in the input's shape, with 1 where they are shared. */
        SLOPES,
        /** A kernel [in, out] in DL4J, and often a bias. */
        DENSE,
        /** Scale, shift, mean and variance. */
        BATCH_NORMALIZATION
    }
}
