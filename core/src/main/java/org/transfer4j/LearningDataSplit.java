package org.transfer4j;

/** Two parts. */
record LearningDataSplit(LearningData train, LearningData held) {}
