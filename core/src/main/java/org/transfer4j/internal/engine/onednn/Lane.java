package org.transfer4j.internal.engine.onednn;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;
import org.transfer4j.internal.thread.NativeThreads;

/** What one piece at a time runs on: a workspace, and the plans that are bound to it. Not for two threads at once. */
final class Lane implements AutoCloseable {
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
