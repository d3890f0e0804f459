package org.transfer4j.dataset;

import java.nio.file.Path;
import org.transfer4j.error.DatasetException;

/** What a second process runs: opens a folder or a list and says which classes it has, in ASCII. */
final class OpeningProcess {
    private OpeningProcess() {}

    public static void main(String[] arguments) {
        Path data = Path.of(arguments[0]);
        try {
            ImageDataset dataset =
                    data.toString().endsWith(".csv") ? ImageDataset.csv(data) : ImageDataset.folder(data);
            System.out.println("classes " + ascii(dataset.classNames().toString()));
        } catch (DatasetException e) {
            System.out.println("refused: " + ascii(e.getMessage()));
        }
    }

    private static String ascii(String text) {
        StringBuilder escaped = new StringBuilder();
        text.chars().forEach(c -> escaped.append(c < 0x80 ? String.valueOf((char) c) : String.format("\\u%04x", c)));
        return escaped.toString();
    }
}
