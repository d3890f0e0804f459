package org.transfer4j.internal.feature;

import java.util.Arrays;
import java.util.BitSet;

/** What is right for an image. */
public sealed interface Target {
    /** A part of one target and a part of another, where an image was mixed into another. */
    static Target mixed(Target own, Target other, double share) {
        return share == 1 ? own : new Mixed(own, other, share);
    }

    /** One class of several. */
    record OneClass(int index) implements Target {}

    /** A number for each output. */
    sealed interface Row extends Target {
        /** What the outputs should be, in their order. Not to be changed. */
        float[] row();
    }

    /**
     * Any number of classes, each by itself: 1 for each class that it has, else 0. There may be as many of these as images, so
     * that a row of numbers is made when it is asked for.
     */
    final class SeveralClasses implements Row {
        private final int[] members;
        private final int count;

        /**
         * Some of the classes.
         *
         * @param members the indices of those that it has
         * @param count how many there are
         */
        public SeveralClasses(BitSet members, int count) {
            this.members = members.stream().toArray();
            this.count = count;
        }

        @Override
        public float[] row() {
            float[] row = new float[count];
            for (int index : members) {
                row[index] = 1;
            }
            return row;
        }

        @Override
        public String toString() {
            return "SeveralClasses" + Arrays.toString(row());
        }
    }

    /** Numbers, as the outputs should be. */
    final class Numbers implements Row {
        private final float[] row;

        /** One for each output; the array is kept. */
        public Numbers(float... row) {
            this.row = row;
        }

        @Override
        public float[] row() {
            return row;
        }

        @Override
        public String toString() {
            return "Numbers" + Arrays.toString(row);
        }
    }

    /**
     * Two images' targets.
     *
     * @param share of the image's own, 0 to 1
     */
    record Mixed(Target own, Target other, double share) implements Target {}
}
