package org.transfer4j.internal.dl4j;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.network.Op;
import org.transfer4j.internal.network.Shape;
import org.transfer4j.internal.trunk.MemoryOrder;

/**
 * Where DL4J has a parameter of an op.
 *
 * @param name what DL4J calls it among the layer's arrays
 * @param order in which its numbers lie there
 */
record ParameterSource(String name, Order order) {
    /** One that lies as the op has it. */
    static ParameterSource named(String name) {
        return new ParameterSource(name, Order.OF_OP);
    }

    /** How DL4J's array becomes the op's, and the other way round. */
    enum Order {
        /** As the op has them; DL4J keeps one number a channel or unit as a row. */
        OF_OP {
            @Override
            INDArray ours(INDArray kept, Shape shape) {
                return shape.isVector() ? kept.reshape(kept.length()) : kept;
            }
        },
        /** DL4J has [in, out] in the order in which [out, in] lies in C. */
        INPUTS_FIRST {
            @Override
            INDArray ours(INDArray kept, Shape shape) {
                return kept.transpose();
            }
        },
        /** DL4J has [H, W, input, multiplier]; an output's number is its input's times the multiplier, plus which of them. */
        DEPTHWISE {
            @Override
            boolean fits(INDArray kept, Op op) {
                return op instanceof Op.Convolution convolution
                        && Arrays.equals(kept.shape(), new long[] {
                            convolution.window().kernel().height(),
                            convolution.window().kernel().width(),
                            convolution.inputs(),
                            convolution.outputs() / convolution.inputs()
                        });
            }

            @Override
            INDArray ours(INDArray kept, Shape shape) {
                INDArray plain = MemoryOrder.isContiguous(kept) ? kept : kept.dup('c');
                long outputs = shape.channels();
                long[] strides = {1, 1, kept.size(1) * outputs, outputs};
                return Nd4j.create(plain.data(), shape.toArray(), strides, plain.offset());
            }
        },
        /** DL4J has [multiplier, input, H, W], and the results of one input stand side by side: no view has this order. */
        SEPARABLE(false) {
            @Override
            boolean fits(INDArray kept, Op op) {
                return op instanceof Op.Convolution convolution
                        && Arrays.equals(kept.shape(), new long[] {
                            convolution.outputs() / convolution.inputs(),
                            convolution.inputs(),
                            convolution.window().kernel().height(),
                            convolution.window().kernel().width()
                        });
            }

            @Override
            INDArray ours(INDArray kept, Shape shape) {
                return kept.permute(1, 0, 2, 3).dup('c').reshape(shape.toArray());
            }

            @Override
            void put(INDArray values, INDArray kept) {
                kept.assign(values.dup('c')
                        .reshape(kept.size(1), kept.size(0), kept.size(2), kept.size(3))
                        .permute(1, 0, 2, 3));
            }
        },
        /** DL4J may have the logarithm of the variance' root to base 10. */
        LOGARITHM(false) {
            @Override
            INDArray ours(INDArray kept, Shape shape) {
                double[] variance = kept.reshape(kept.length()).toDoubleVector();
                Arrays.setAll(variance, i -> Math.pow(10, 2 * variance[i]));
                try (INDArray precise = Nd4j.createFromArray(variance)) {
                    return precise.castTo(kept.dataType());
                }
            }

            /** A variance of zero has no logarithm: the least takes its place, which is nothing beside any epsilon. */
            @Override
            void put(INDArray values, INDArray kept) {
                double[] logarithms = values.toDoubleVector();
                Arrays.setAll(logarithms, i -> Math.log10(Math.max(logarithms[i], Float.MIN_NORMAL)) / 2);
                try (INDArray precise = Nd4j.createFromArray(logarithms)) {
                    kept.assign(precise.castTo(kept.dataType()).reshape(kept.shape()));
                }
            }
        };

        private final boolean view;

        Order() {
            this(true);
        }

        Order(boolean view) {
            this.view = view;
        }

        /** Whether {@link #ours} gives a view of what lies in one piece. */
        boolean isView() {
            return view;
        }

        /** DL4J's array in the op's shape. */
        abstract INDArray ours(INDArray kept, Shape shape);

        /** Whether an array, which has as many numbers, has the shape that DL4J has for it: strides are made of it unseen. */
        boolean fits(INDArray kept, Op op) {
            return true;
        }

        /** Writes values in the op's shape into DL4J's array. */
        void put(INDArray values, INDArray kept) {
            ours(kept, Shape.of(values.shape())).assign(values);
        }
    }
}
