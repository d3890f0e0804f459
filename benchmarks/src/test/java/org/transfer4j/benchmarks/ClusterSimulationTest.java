package org.transfer4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.transfer4j.benchmarks.ClusterSimulation.Cluster;
import org.transfer4j.benchmarks.ClusterSimulation.Job;
import org.transfer4j.benchmarks.ClusterSimulation.Outcome;
import org.transfer4j.benchmarks.ClusterSimulation.Worker;

class ClusterSimulationTest {
    private static final double NONE = Double.POSITIVE_INFINITY;
    private static final Worker WORKER = new Worker(0.01, 0.5, 10, 0);
    private static final Job JOB = new Job(1050, 100, 0);

    @Test
    void oneWorkerTakesItsStartItsTasksAndItsImages() {
        Outcome outcome = ClusterSimulation.run(WORKER, JOB, perfect(1.0), 1);
        assertThat(outcome.seconds()).isEqualTo(10 + 11 * 0.5 + 10.5, within(1e-9));
        assertThat(outcome.efficiency()).isEqualTo(16.0 / 26, within(1e-9));
        assertThat(outcome.coreHours()).isEqualTo(26.0 / 3600, within(1e-12));
    }

    @Test
    void elevenTasksOnTwoTakeSixTurns() {
        // the last is the short one, of 50 images
        assertThat(ClusterSimulation.run(WORKER, JOB, perfect(1.0, 1.0), 1).seconds())
                .isEqualTo(10 + 5 * 1.5 + 1.0, within(1e-9));
    }

    @Test
    void aWorkerOfHalfTheSpeedStartsLateAndTakesTwiceAsLong() {
        // it starts at 20, when the other is at the seventh, takes the eighth, to 23, and then the short one
        double seconds =
                ClusterSimulation.run(WORKER, JOB, perfect(1.0, 0.5), 1).seconds();
        assertThat(seconds).isEqualTo(20 + 3 + 2, within(1e-9));
    }

    @Test
    void theDriverHandsOutOneTaskAfterTheOther() {
        Cluster slow = new Cluster(ones(1000), 0, NONE, NONE, 0.1, 0, 1, NONE, false);
        Outcome outcome = ClusterSimulation.run(WORKER, new Job(100_000, 100, 0), slow, 1);
        assertThat(outcome.seconds()).isEqualTo(10 + 1000 * 0.1 + 1.5, within(1e-6));
    }

    @Test
    void imagesThatComeSlowerThanTheyAreComputedTakeTheirTime() {
        Job heavy = new Job(1000, 100, 1e6);
        Cluster one = new Cluster(ones(1), 0, 2e7, NONE, 0, 0, 1, NONE, false);
        assertThat(ClusterSimulation.run(WORKER, heavy, one, 1).seconds()).isEqualTo(10 + 10 * 5, within(1e-9));
        Cluster shared = new Cluster(ones(10), 0, 2e7, 2e7, 0, 0, 1, NONE, false);
        assertThat(ClusterSimulation.run(WORKER, heavy, shared, 1).seconds()).isEqualTo(10 + 50, within(1e-9));
    }

    @Test
    void aNetworkOfManyBlocksIsBroadcastInLittleMoreThanItsOwnTime() {
        Cluster cluster = new Cluster(ones(1024), 400 << 20, 100 << 20, NONE, 0, 0, 1, NONE, false);
        double seconds =
                ClusterSimulation.run(WORKER, new Job(100, 100, 0), cluster, 1).seconds();
        assertThat(seconds).isEqualTo(10 + 4 * (1 + 10.0 / 100) + 1.5, within(1e-6));
    }

    @Test
    void secondCopiesEndWhatIsSlow() {
        Worker worker = new Worker(0.01, 0.5, 1, 0.05);
        Job job = new Job(100_000, 100, 0);
        Cluster waits = new Cluster(ones(20), 0, NONE, NONE, 0, 0.01, 20, NONE, false);
        Cluster copies = new Cluster(ones(20), 0, NONE, NONE, 0, 0.01, 20, NONE, true);
        double without = 0;
        double with = 0;
        for (int seed = 1; seed <= 20; seed++) {
            without += ClusterSimulation.run(worker, job, waits, seed).seconds();
            Outcome outcome = ClusterSimulation.run(worker, job, copies, seed);
            with += outcome.seconds();
            assertThat(outcome.secondCopies()).isBetween(0, 250);
        }
        assertThat(with).isLessThan(0.95 * without);
    }

    @Test
    void whatFailsIsDoneAgainAndCostsItsTimeAndAStart() {
        Cluster failing = new Cluster(ones(10), 0, NONE, NONE, 0, 0, 1, 600, false);
        Job job = new Job(1_000_000, 100, 0);
        Outcome without =
                ClusterSimulation.run(WORKER, job, new Cluster(ones(10), 0, NONE, NONE, 0, 0, 1, NONE, false), 1);
        double most = 0;
        List<Integer> failures = new ArrayList<>();
        for (int seed = 1; seed <= 10; seed++) {
            Outcome outcome = ClusterSimulation.run(WORKER, job, failing, seed);
            assertThat(outcome.seconds()).isGreaterThan(without.seconds());
            failures.add(outcome.failures());
            most = Math.max(most, outcome.seconds());
        }
        // 10 executors for 1,500 s, one failure in 600 s: 25, each of which costs 10 s and half a task of 1.5
        assertThat(failures.stream().mapToInt(Integer::intValue).average().orElseThrow())
                .isEqualTo(25, within(5.0));
        assertThat(most).isLessThan(without.seconds() + 60 * 10.75 / 10);
    }

    @Test
    void theSameSeedGivesTheSame() {
        Worker worker = new Worker(0.01, 0.5, 1, 0.2);
        Cluster cluster = new Cluster(ones(50), 1e8, 1e8, 1e9, 0.001, 0.02, 5, 300, true);
        Job job = new Job(200_000, 100, 1e4);
        assertThat(ClusterSimulation.run(worker, job, cluster, 3))
                .isEqualTo(ClusterSimulation.run(worker, job, cluster, 3));
        assertThat(ClusterSimulation.run(worker, job, cluster, 3))
                .isNotEqualTo(ClusterSimulation.run(worker, job, cluster, 4));
    }

    @Test
    void aWorkerIsFoundByItsTasks() {
        Worker worker = Simulate.fitted(List.of("10,0.6", "100,1.5", "200,2.5", "400,4.5"), 7);
        assertThat(worker.imageSeconds()).isEqualTo(0.01, within(1e-9));
        assertThat(worker.taskSeconds()).isEqualTo(0.5, within(1e-9));
        assertThat(worker.startSeconds()).isEqualTo(7);
        assertThat(worker.spread()).isEqualTo(0, within(1e-9));
        assertThatThrownBy(() -> Simulate.fitted(List.of("10,1", "10,2"), 0)).hasMessageContaining("two sizes");
    }

    private static Cluster perfect(Double... speeds) {
        return new Cluster(List.of(speeds), 0, NONE, NONE, 0, 0, 1, NONE, false);
    }

    private static List<Double> ones(int count) {
        return Collections.nCopies(count, 1.0);
    }
}
