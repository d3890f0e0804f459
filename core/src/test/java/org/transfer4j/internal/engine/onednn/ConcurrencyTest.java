package org.transfer4j.internal.engine.onednn;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.backbone.Precision;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.internal.trunk.Trunk;

class ConcurrencyTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 6;

    @Test
    void oneTrunkIsRightInManyThreads() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 32);
        try (OneDnnTrunk trunk = TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32)) {
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
                try (OneDnnTrunk trunk = TestGraph.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
                    return checked(trunk, images).call();
                }
            };
        });
    }

    @Test
    void aTrunkMadeInOneThreadRunsInAnother() throws Exception {
        TestGraph graph = TestGraph.vgg(16, 32);
        INDArray images = graph.images(5);
        try (OneDnnTrunk trunk = TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32)) {
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
        OneDnnTrunk trunk = TestGraph.compile(graph.build(), graph.inputShape(), Precision.FLOAT32);
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

    /** Images that are computed alone, in one piece, and in several with a rest; once small work, once all threads'. */
    @ParameterizedTest
    @CsvSource({"16, 32, 1", "16, 32, 2", "16, 32, 9", "16, 32, 37", "32, 96, 1", "32, 96, 3", "32, 96, 33"})
    void theBitsDontDependOnHowManyAsk(int width, int size, int images) throws Exception {
        TestGraph graph = TestGraph.vgg(width, size);
        INDArray batch = graph.images(images);
        ComputationGraph dl4j = graph.build();
        System.setProperty(NativeThreads.PROPERTY, "3");
        try (OneDnnTrunk trunk = TestGraph.compile(dl4j, graph.inputShape(), Precision.FLOAT32);
                OneDnnTrunk another = TestGraph.compile(dl4j, graph.inputShape(), Precision.FLOAT32)) {
            float[] answer = another.infer(batch).data().asFloat();
            float[] pass = another.forPasses(32).infer(batch).data().asFloat();
            for (int callers : new int[] {1, 2, 8}) {
                runTogether(callers, caller -> () -> {
                    for (int round = 0; round < 2; round++) {
                        Trunk asked = (caller + round) % 2 == 0 ? trunk : trunk.forPasses(32);
                        assertThat(asked.infer(batch).data().asFloat()).isEqualTo(asked == trunk ? answer : pass);
                    }
                    return true;
                });
            }
            assertThat(trunk.arenas()).isBetween(1, 3);
        } finally {
            System.clearProperty(NativeThreads.PROPERTY);
        }
    }

    private interface Work {
        Callable<Boolean> of(int thread) throws Exception;
    }

    private static void runTogether(Work work) throws Exception {
        runTogether(THREADS, work);
    }

    private static void runTogether(int count, Work work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int thread = 0; thread < count; thread++) {
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
