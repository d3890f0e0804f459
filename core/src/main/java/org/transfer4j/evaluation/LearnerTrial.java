package org.transfer4j.evaluation;

/**
 * What a choice of a learner has seen of one combination of backbone, cut, input size and head.
 *
 * @param code the learner, as one would write it
 * @param images how many images it was judged by at last: the more, the longer it stayed in the race
 * @param accuracy the part of them that is classified right by regressions that did not learn from them
 * @param loss their mean cross-entropy
 */
public record LearnerTrial(String code, int images, double accuracy, double loss) {}
