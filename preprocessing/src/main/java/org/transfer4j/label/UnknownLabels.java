package org.transfer4j.label;

/** What {@link OneHotLabelEncoder} does with a label that is none of its classes. */
public enum UnknownLabels {
    /** It is refused. The default. */
    FAIL,

    /** Its row is all zeros: a loss over one-hot rows then ignores it. */
    ALL_ZEROS
}
