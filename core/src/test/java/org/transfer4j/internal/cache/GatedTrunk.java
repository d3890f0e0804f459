package org.transfer4j.internal.cache;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.trunk.Trunk;

/** Gives the images themselves as features, when its gate is open, and counts them. */
final class GatedTrunk implements Trunk {
    static final int SIZE = 8;

    private final Trunk identity = new Trunk.Identity(SIZE, SIZE);
    private final AtomicInteger images = new AtomicInteger();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    private volatile boolean broken;

    private GatedTrunk() {}

    static GatedTrunk closed() {
        return new GatedTrunk();
    }

    static GatedTrunk open() {
        GatedTrunk trunk = new GatedTrunk();
        trunk.openGate();
        return trunk;
    }

    void openGate() {
        gate.countDown();
    }

    /** From now on it fails, also for those that wait at the gate. */
    void breakDown() {
        broken = true;
        openGate();
    }

    /** Waits until somebody computes. */
    void awaitUse() throws InterruptedException {
        entered.await();
    }

    int images() {
        return images.get();
    }

    @Override
    public long[] featureShape() {
        return identity.featureShape();
    }

    @Override
    public INDArray infer(INDArray batch) {
        entered.countDown();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts who computes", e);
        }
        if (broken) {
            throw new IllegalStateException("the trunk is broken");
        }
        images.addAndGet((int) batch.size(0));
        return identity.infer(batch);
    }

    @Override
    public String engine() {
        return identity.engine();
    }

    @Override
    public void close() {
        identity.close();
    }
}
