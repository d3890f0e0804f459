package org.transfer4j.benchmarks;

import java.io.IOException;

/** A program that keeps a core busy until its input ends, as it does where the process that started it is gone. */
final class BusyLoop {
    private BusyLoop() {}

    public static void main(String[] arguments) {
        Thread spinning = new Thread(() -> {
            while (true) {
                Thread.onSpinWait();
            }
        });
        spinning.setDaemon(true);
        spinning.start();
        System.out.println("busy");
        try {
            while (System.in.read() >= 0) {
                // nothing is said
            }
        } catch (IOException e) {
            // the end as well
        }
    }
}
