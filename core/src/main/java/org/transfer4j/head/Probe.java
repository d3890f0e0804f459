package org.transfer4j.head;

/**
 * How an output layer is found on frozen features without epochs, for
 * {@link org.transfer4j.TransferLearner#probe(org.transfer4j.dataset.ImageDataset, Probe)}.
 */
public enum Probe {
    /** Multinomial logistic regression, its strength chosen by cross-validation. */
    LOGISTIC,

    /**
     * Nearest class mean by the cosine: the plainest rule, about as good as a regression with one image a class, and worse
     * with more. Features are standardized and each image's
     * are brought to length 1; a class's mean of them is its prototype, and an image is of the class whose prototype it has
     * the largest cosine with (as J. Snell and others, "Prototypical Networks for Few-shot Learning", 2017, and the centred
     * and normalized nearest centroid of Y. Wang and others, "SimpleShot", 2019). That is a linear layer, since an image's
     * own length changes no order. Probabilities are the softmax of the products, times what makes the loss of held-out
     * images the least.
     */
    PROTOTYPES,

    /**
     * Votes of the 20 nearest training images by the cosine (all where there are fewer), each weighted by the softmax of the
     * cosines divided by 0.07: the rule by which DINOv2 (M. Oquab and others, 2023) and, before it, Z. Wu and others
     * ("Unsupervised Feature Learning via Non-Parametric Instance Discrimination", 2018) tell what features are worth, without
     * any fitting. Features are not standardized, class weights don't matter. The classifier keeps the features of all training
     * images, 4 bytes a feature, in memory twice and in its file: a million images of 384 features are 1.5 GB. It predicts in plain
     * Java, has no gradient to be explained by, and {@link org.transfer4j.ImageClassifier#learner() begins anew} where its head is
     * trained.
     */
    NEAREST_NEIGHBOURS
}
