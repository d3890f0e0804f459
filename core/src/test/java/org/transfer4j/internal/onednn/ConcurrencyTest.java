package org.transfer4j.internal.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;

class ConcurrencyTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 6;

    @Test
    void oneTrunkIsRightInManyThreads() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 32);
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(graph.build(), graph.inputShape(), Precision.FLOAT32)) {
            runTogether(thread -> checked(trunk, graph.images(thread + 1)));
        }
    }

    @Test
    void trunksOfTheirOwnAreRightInManyThreads() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 32);
        ComputationGraph dl4j = graph.build();
        runTogether(thread -> {
            INDArray images = graph.images(thread + 1);
            return () -> {
                // made, used and closed while the others run
                try (OneDnnTrunk trunk = OneDnnTrunk.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
                    return checked(trunk, images).call();
                }
            };
        });
    }

    @Test
    void aTrunkMadeInOneThreadRunsInAnother() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 32);
        INDArray images = graph.images(5);
        try (OneDnnTrunk trunk = OneDnnTrunk.compile(graph.build(), graph.inputShape(), Precision.FLOAT32)) {
            float[] expected = trunk.infer(images).data().asFloat();
            ExecutorService another = Executors.newSingleThreadExecutor();
            try {
                float[] actual = another.submit(() -> trunk.infer(images).data().asFloat())
                        .get();
                assertThat(actual).isEqualTo(expected);
            } finally {
                another.shutdown();
            }
        }
    }

    @Test
    void closingWaitsForTheRunAndStopsTheNext() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 32);
        OneDnnTrunk trunk = OneDnnTrunk.compile(graph.build(), graph.inputShape(), Precision.FLOAT32);
        INDArray images = graph.images(4);
        float[] expected = trunk.infer(images).data().asFloat();
        ExecutorService others = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                runs.add(others.submit(() -> {
                    while (true) {
                        assertThat(trunk.infer(images).data().asFloat()).isEqualTo(expected);
                    }
                }));
            }
            trunk.close();
            for (Future<?> run : runs) {
                assertThatThrownBy(run::get).hasRootCauseMessage("the trunk is closed");
            }
        } finally {
            others.shutdown();
        }
    }

    private interface Work {
        Callable<Boolean> of(int thread) throws Exception;
    }

    private static void runTogether(Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                all.add(work.of(thread));
            }
            for (Future<Boolean> done : threads.invokeAll(all)) {
                assertThat(done.get()).isTrue();
            }
        } finally {
            threads.shutdown();
        }
    }

    /** The same images over and over give the same bits. */
    private static Callable<Boolean> checked(OneDnnTrunk trunk, INDArray images) {
        float[] expected = trunk.infer(images).data().asFloat();
        return () -> {
            for (int round = 0; round < ROUNDS; round++) {
                assertThat(trunk.infer(images).data().asFloat()).isEqualTo(expected);
            }
            return true;
        };
    }
}
