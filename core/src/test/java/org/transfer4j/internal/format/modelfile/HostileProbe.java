package org.transfer4j.internal.format.modelfile;

/** What a hostile model file would name. No test refers to it but by its name, so nothing else can initialize it. */
@SuppressWarnings("unused")
public class HostileProbe {
    static {
        Initialized.CLASSES.add("HostileProbe");
    }

    /** For Jackson. */
    public HostileProbe() {
        Initialized.CLASSES.add("HostileProbe");
    }
}
