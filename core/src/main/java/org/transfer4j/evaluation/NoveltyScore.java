package org.transfer4j.evaluation;

/**
 * How an image is held against the images that a classifier was trained on, by what its frozen layers make of both: the means
 * of their output's channels, brought to length 1.
 */
public enum NoveltyScore {
    /**
     * Mahalanobis' distance from the nearest class mean, by a covariance that all classes share (K. Lee and others, "A Simple
     * Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", 2018), of features of length 1 (M.
     * Mueller and M. Hein, "Mahalanobis++", 2025). The covariance is shrunk as O. Ledoit and M. Wolf ("A well-conditioned
     * estimator for large-dimensional covariance matrices", 2004) do it, since there may be fewer images than features. A
     * model file grows by 4 bytes x (features x (features + 3) / 2 + classes x features): 0.6 MB for 512 features and 10
     * classes, 8.5 MB for 2,048.
     */
    MAHALANOBIS,

    /**
     * The distance from the nearest training images (Y. Sun and others, "Out-of-Distribution Detection with Deep Nearest
     * Neighbors", 2022): from the nearest one, or, of more than 1,000, the second, and so on, as in that paper's ratio. As many
     * training images are kept as fit into 16 MiB, evenly taken of the classes: 8,192 with 512 features.
     */
    NEAREST_NEIGHBOURS
}
