package org.transfer4j.internal.cache;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.transfer4j.internal.cache.SpaceFolder.StoredFile;
import org.transfer4j.internal.file.LockFile;
import org.transfer4j.internal.interrupt.Interruption;

/**
 * Sees to it that features which several fits need at the same time are computed once: whoever misses some waits for its
 * turn, and meanwhile takes what others write.
 *
 * <p>There is one turn for each feature space, among all threads and processes, and it lasts while missing rows are
 * computed, nothing else: finding, reading, listing and deleting wait for nobody. That is coarser than a turn for each
 * image, and enough: a fit keeps all cores busy, so that two fits of one network with different images are done no
 * sooner side by side than one after the other; and who waits need not wait to the end, but goes on as soon as all that
 * it needs has been written.
 *
 * <p>Listeners and datasets are other people's code, which runs within a turn and may start further fits. So a wait is
 * never for certain: a thread that has a turn does not wait for a second one, and nobody waits for one who makes no
 * progress, be it that it is stopped, or that it waits itself for the one that waits. They compute at once, which costs
 * time and disk space and changes no result.
 */
final class ComputingTurn {
    /** Longer than any batch of images takes. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(ComputingTurn.class);
    private static final long POLL_MILLIS = 100;

    private ComputingTurn() {}

    /**
     * Waits for the turn, or until nothing is missing any more. What was written last may not have been found yet.
     *
     * @param search of what is missing, for what others write
     * @param patience how long one is waited for that makes no progress
     * @return the turn; none where it is not needed any more, or not to be had
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    static Optional<LockFile> await(SpaceFolder folder, ChunkSearch search, Duration patience) throws IOException {
        if (LockFile.isHeldByThisThread()) {
            LOG.debug("a fit within a fit computes features of {} without waiting", folder.path());
            return Optional.empty();
        }
        Optional<LockFile> lock = folder.tryLock();
        if (lock.isEmpty()) {
            LOG.info("another fit computes features in {}: waiting for it", folder.path());
        }
        Set<StoredFile> parts = Set.of();
        long changed = System.nanoTime();
        while (lock.isEmpty() && search.isMissingSome()) {
            Set<StoredFile> now = Set.copyOf(StoredFile.in(folder.path(), SpaceFolder::isPart));
            if (!now.equals(parts)) {
                parts = now;
                changed = System.nanoTime();
            } else if (System.nanoTime() - changed > patience.toNanos()) {
                LOG.warn("the fit that computes features in {} makes no progress: not waiting for it", folder.path());
                return lock;
            }
            pause();
            search.run();
            lock = folder.tryLock();
        }
        return lock;
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            throw Interruption.whileWaiting("features that another fit computes", e);
        }
    }
}
