package org.transfer4j.internal.cache;

import org.transfer4j.internal.feature.BatchStream;

/** What passes the trunk, known by its content. Safe for use by several threads. */
interface PassImages {
    int size();

    /** 32 bytes that are the same only where all that the trunk gets is the same. */
    byte[] contentDigest(int index);

    int classIndex(int index);

    /** For messages. */
    String sourceOf(int index);

    /** Reads some of them, as the recipe wants them. */
    BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize);
}
