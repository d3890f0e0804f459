package org.transfer4j.head;

/** One layer of a {@link Head}, in the order from the backbone's features to the probabilities. */
public sealed interface HeadLayer {
    /** Flattens [N, C, H, W] to [N, C * H * W], channels first. */
    record Flatten() implements HeadLayer {}

    /** Averages [N, C, H, W] over H and W to [N, C]. */
    record GlobalAveragePooling() implements HeadLayer {}

    /**
     * A fully connected layer with ReLU, [N, in] to [N, units].
     *
     * @param units the number of outputs, 1 or more
     */
    record Dense(int units) implements HeadLayer {
        /**
         * Checks the number of units.
         *
         * @param units the number of outputs, 1 or more
         */
        public Dense {
            if (units < 1) {
                throw new IllegalArgumentException("a dense layer needs 1 unit or more, got " + units);
            }
        }
    }

    /**
     * Dropout, active while training only.
     *
     * @param rate the fraction of the inputs that is set to zero, in [0, 1), as in Keras; the rest is scaled up by
     *     1 / (1 - rate)
     */
    record Dropout(double rate) implements HeadLayer {
        /**
         * Checks the rate.
         *
         * @param rate the fraction of the inputs that is set to zero, in [0, 1)
         */
        public Dropout {
            // as a float: of the next numbers up no input would be left in practice
            if (!(rate >= 0 && (float) rate < 1)) {
                throw new IllegalArgumentException("a dropout rate is at least 0 and less than 1, got " + rate
                        + (rate < 1 && (float) rate == 1 ? ", which is 1.0 as a float" : ""));
            }
        }
    }
}
