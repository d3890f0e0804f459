package org.transfer4j.internal.cache;

import java.time.Instant;

/** What is kept of one feature space: its digest, in words, the number of rows, bytes on disk, and when it was last used. */
public record SpaceSummary(String digest, String description, long rows, long bytes, Instant lastUsed) {}
