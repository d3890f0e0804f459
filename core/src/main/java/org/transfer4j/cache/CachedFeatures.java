package org.transfer4j.cache;

import java.time.Instant;

/**
 * The features that a {@link FeatureCache} holds for one network, preprocessing, image size and engine.
 *
 * @param digest SHA-256 of all that decides about the features but the images, 64 lower-case hexadecimal digits; also
 *     the name of the sub-folder
 * @param description the same in words, for people; empty where it is lost
 * @param images how many images there are features of; those that were computed twice because two
 *     fits could not wait for each other count twice
 * @param bytes their size on disk
 * @param lastUsed when a fit read or wrote them last
 */
public record CachedFeatures(String digest, String description, long images, long bytes, Instant lastUsed) {}
