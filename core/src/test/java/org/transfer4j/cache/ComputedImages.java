package org.transfer4j.cache;

import org.transfer4j.training.FitListener;

/** Counts the images whose features are computed, and the passes that do so. */
final class ComputedImages implements FitListener {
    private long images;
    private int passes;
    private long ofPass;

    @Override
    public void featuresStarted(long announced) {
        ofPass = announced;
        passes++;
    }

    @Override
    public void featuresFinished(long computed) {
        if (computed != ofPass) {
            throw new IllegalStateException(ofPass + " images were announced, " + computed + " computed");
        }
        images += computed;
    }

    long images() {
        return images;
    }

    int passes() {
        return passes;
    }
}
