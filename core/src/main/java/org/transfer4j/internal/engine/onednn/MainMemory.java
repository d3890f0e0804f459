package org.transfer4j.internal.engine.onednn;

import org.nd4j.linalg.factory.Nd4j;

/** The memory that oneDNN works in. */
public final class MainMemory {
    private MainMemory() {}

    /** Whether ND4J's arrays are in it; with a GPU behind ND4J they are not where we look for them. */
    public static boolean holdsArrays() {
        return Nd4j.getExecutioner().getClass().getName().contains("nativecpu");
    }
}
