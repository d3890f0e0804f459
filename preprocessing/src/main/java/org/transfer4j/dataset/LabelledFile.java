package org.transfer4j.dataset;

import java.nio.file.Path;

/** An image file, the name of its class, and where a list named it ("" where no list did). */
record LabelledFile(Path file, String label, String listedAt) {}
