package org.transfer4j.dataset;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.transfer4j.internal.file.FileFailure;

/** Datasets that ship with the library: small, real, and there without a network. */
public final class SampleDatasets {
    private static final String DIGITS = "uci-digits.csv.gz";
    private static final int SIDE = 8;
    private static final int PIXELS = SIDE * SIDE;

    /** The ink of the original counts black dots in blocks of 4x4. */
    private static final double MOST_INK = 16;

    private SampleDatasets() {}

    /**
     * The handwritten digits of E. Alpaydin and C. Kaynak: 1,797 gray images of 8x8 pixels in 10 classes, "0" to "9". It is the
     * test part of "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
     * https://doi.org/10.24432/C50P49, licence CC BY 4.0; its pixels 0..16 are scaled here to 0..255 by
     * round(v * 255 / 16), so that ink is bright.
     *
     * @return the digits in the order of the original
     */
    public static ImageDataset digits() {
        List<String> labels = new ArrayList<>();
        List<byte[]> images = new ArrayList<>();
        try (InputStream resource = Objects.requireNonNull(SampleDatasets.class.getResourceAsStream(DIGITS), DIGITS);
                BufferedReader rows = new BufferedReader(
                        new InputStreamReader(new GZIPInputStream(resource), StandardCharsets.US_ASCII))) {
            for (String row = rows.readLine(); row != null; row = rows.readLine()) {
                String[] numbers = row.split(",", -1);
                byte[] pixels = new byte[PIXELS];
                for (int i = 0; i < PIXELS; i++) {
                    pixels[i] = (byte) Math.round(Integer.parseInt(numbers[i]) * 255 / MOST_INK);
                }
                images.add(pixels);
                labels.add(numbers[PIXELS]);
            }
        } catch (IOException e) {
            throw FileFailure.of("can't read the digits in the jar", e);
        }
        ImageSource.Gray source = new ImageSource.Gray(null, images.size(), SIDE, SIDE, 1, images);
        return ImageDataset.of(source, Selection.all(labels));
    }
}
