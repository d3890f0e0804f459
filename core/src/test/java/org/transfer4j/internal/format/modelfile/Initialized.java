package org.transfer4j.internal.format.modelfile;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers which of the probe classes were initialized. */
public final class Initialized {
    public static final Set<String> CLASSES = ConcurrentHashMap.newKeySet();

    private Initialized() {}
}
