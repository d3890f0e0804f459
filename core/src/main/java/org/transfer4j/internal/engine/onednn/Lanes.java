package org.transfer4j.internal.engine.onednn;

import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.internal.engine.onednn.Plan.Workspace;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * As many lanes as threads at most, made when they are needed. A piece that uses several of OpenMP's threads has as many
 * turns, so that no more threads compute than the setting allows; who came first goes first.
 */
final class Lanes implements AutoCloseable {
    private final int threads;
    private final Supplier<Lane> maker;
    private final Semaphore turns;
    private final Deque<Lane> idle = new ConcurrentLinkedDeque<>();

    Lanes(int threads, Supplier<Lane> maker) {
        this.threads = threads;
        this.maker = maker;
        this.turns = new Semaphore(threads, true);
    }

    /** Does some work in a lane, which is free for others afterwards, also where the work fails. */
    void use(int turnsNeeded, Consumer<Lane> work) {
        turns.acquireUninterruptibly(turnsNeeded);
        try {
            Lane lane = idle.poll();
            if (lane == null) {
                lane = maker.get();
            }
            try {
                work.accept(lane);
            } finally {
                idle.push(lane);
            }
        } finally {
            turns.release(turnsNeeded);
        }
    }

    /** Whether some lane has all that pieces of a size need; those at work don't count. */
    boolean isReadyFor(Piece.Size size) {
        return idle.stream().anyMatch(lane -> lane.isReadyFor(size));
    }

    /** How many there are, those at work not counted. */
    int idle() {
        return idle.size();
    }

    /** Waits for those at work, and frees all. */
    @Override
    public void close() {
        turns.acquireUninterruptibly(threads);
        try {
            for (Lane lane = idle.poll(); lane != null; lane = idle.poll()) {
                lane.close();
            }
        } finally {
            turns.release(threads);
        }
    }

    /** What one piece at a time runs on: a workspace, and the plans that are bound to it. Not for two threads at once. */
    static final class Lane implements AutoCloseable {
        private final Function<Piece.Size, Plan> planner;
        private final Workspace workspace;
        private final Map<Piece.Size, Plan> plans = new HashMap<>();

        Lane(OneDnn.Library library, Function<Piece.Size, Plan> planner) {
            this.planner = planner;
            this.workspace = new Workspace(library.cpu());
        }

        boolean isReadyFor(Piece.Size size) {
            return plans.containsKey(size);
        }

        /** Makes what {@link #run} would make at the first piece of a size. */
        void prepare(Piece.Size size) {
            NativeThreads.with(size.threads(), () -> plan(size));
        }

        /** Computes a piece's features. */
        void run(Piece piece, Pointer images, Pointer features) {
            NativeThreads.with(piece.size().threads(), () -> {
                Plan plan = plan(piece.size());
                plan.run(workspace, images, features, piece.images());
                return plan;
            });
        }

        /** Made by as many of OpenMP's threads as run it: oneDNN shares the work out when a primitive is made, too. */
        private Plan plan(Piece.Size size) {
            return plans.computeIfAbsent(size, planner);
        }

        @Override
        public void close() {
            plans.values().forEach(Plan::close);
            plans.clear();
            workspace.close();
        }
    }
}
