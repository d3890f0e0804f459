package org.transfer4j.internal.format.modelfile;

/** What a hostile file would name; used to show that DL4J's own reader does initialize it. */
@SuppressWarnings("unused")
public class ControlProbe {
    static {
        Initialized.CLASSES.add("ControlProbe");
    }
}
