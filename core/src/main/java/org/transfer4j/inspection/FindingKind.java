package org.transfer4j.inspection;

import java.util.List;
import java.util.function.Function;

/**
 * A kind of finding.
 *
 * @param key its name in JSON and on the page
 * @param title what the findings are, as a heading
 * @param advice what to do about them
 * @param find finds them
 */
record FindingKind(String key, String title, String advice, Function<Subject, List<? extends Finding>> find) {
    /** All kinds, in the order in which they are told. */
    static final List<FindingKind> ALL = List.of(
            new FindingKind(
                    "unreadable",
                    "Images that can't be read",
                    "Fetch them again, or remove them.",
                    Subject::unreadable),
            new FindingKind(
                    "leaks",
                    "The same image in two parts",
                    "Remove it from one of them: figures on images that were learned from say too much.",
                    LeakedImage::find),
            new FindingKind(
                    "contradictions",
                    "The same image under two labels",
                    "One of the labels is wrong, or the classes overlap.",
                    ContradictoryLabels::find),
            new FindingKind(
                    "suspectLabels",
                    "Labels that are probably wrong",
                    "Look at them, the most doubtful first, and correct what is wrong: some are right, and only hard.",
                    SuspectLabel::find),
            new FindingKind(
                    "duplicates",
                    "Images that are there more than once",
                    "Keep one of each; copies count double in training and in all figures.",
                    RepeatedImage::find),
            new FindingKind(
                    "outliers",
                    "Images unlike all others",
                    "Look whether they belong to the data at all.",
                    Outlier::find),
            new FindingKind(
                    "oddImages",
                    "Images of another form",
                    "Look whether something went wrong when they were made.",
                    OddImage::find),
            new FindingKind(
                    "rareClasses",
                    "Classes with few images",
                    "Collect more, or train with balancedClassWeights().",
                    RareClass::find),
            new FindingKind(
                    "classTwins",
                    "Classes that are perhaps one",
                    "Give them one name, or names that differ to the eye.",
                    ClassTwins::find));
}
