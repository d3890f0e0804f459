package org.transfer4j.internal.tail.onednn;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/** For small steps on DL4J: on a busy machine nearly all of their time is threads that wait for each other. */
public final class OneOpenMpThread implements BeforeEachCallback, AfterEachCallback {
    private int threads;

    @Override
    public void beforeEach(ExtensionContext context) {
        threads = openMp().ompGetMaxThreads();
        openMp().setOmpNumThreads(1);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        openMp().setOmpNumThreads(threads);
    }

    private static NativeOps openMp() {
        Nd4j.getExecutioner(); // loads the native library
        return NativeOpsHolder.getInstance().getDeviceNativeOps();
    }
}
