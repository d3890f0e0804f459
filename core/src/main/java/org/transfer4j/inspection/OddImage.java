package org.transfer4j.inspection;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.transfer4j.internal.text.TextTable;

/**
 * An image whose form is another than that of most: all of one colour, much larger, smaller, longer, darker or brighter than
 * the others, gray among coloured ones or the other way round.
 *
 * @param image the image
 * @param what is odd
 */
public record OddImage(InspectedImage image, String what) implements Finding {
    /** Of the range of all images' values. */
    private static final double ONE_COLOUR = 0.02;

    /** How many times as many pixels, or as long. */
    private static final double MUCH_LARGER = 16;

    private static final double MUCH_LONGER = 2.5;

    /** Of all images: fewer have another number of colours by mistake. */
    private static final double FEW = 0.05;

    /** As {@link Outlier}. */
    private static final double FAR_OUT = 3;

    static List<OddImage> find(Subject subject) {
        Form usual = Form.of(subject);
        List<OddImage> odd = new ArrayList<>();
        for (int i = 0; i < subject.size(); i++) {
            String what = String.join(", ", usual.oddities(subject.look(i)));
            if (!what.isEmpty()) {
                odd.add(new OddImage(subject.image(i), what));
            }
        }
        return odd;
    }

    /** What most images are like. */
    private record Form(double range, double pixels, double shape, double gray, double darkest, double brightest) {
        static Form of(Subject subject) {
            double[] mean = sorted(subject, ImageLook::mean);
            double lower = Subject.quantile(mean, 0.25);
            double upper = Subject.quantile(mean, 0.75);
            double[] lows = sorted(subject, ImageLook::lowest);
            double[] highs = sorted(subject, ImageLook::highest);
            return new Form(
                    highs[highs.length - 1] - lows[0],
                    Subject.quantile(sorted(subject, Form::pixels), 0.5),
                    Subject.quantile(sorted(subject, Form::shape), 0.5),
                    Arrays.stream(sorted(subject, look -> look.gray() ? 1 : 0))
                            .average()
                            .orElse(0),
                    lower - FAR_OUT * (upper - lower),
                    upper + FAR_OUT * (upper - lower));
        }

        private static double[] sorted(Subject subject, ToDoubleFunction<ImageLook> of) {
            return IntStream.range(0, subject.size())
                    .mapToDouble(i -> of.applyAsDouble(subject.look(i)))
                    .sorted()
                    .toArray();
        }

        private static double pixels(ImageLook look) {
            return (double) look.width() * look.height();
        }

        private static double shape(ImageLook look) {
            return (double) look.width() / look.height();
        }

        List<String> oddities(ImageLook look) {
            List<String> odd = new ArrayList<>();
            String size = look.width() + "x" + look.height() + " pixels";
            if (look.highest() - look.lowest() <= ONE_COLOUR * range) {
                odd.add("all of one colour");
            } else if (look.mean() < darkest) {
                odd.add("much darker than the others");
            } else if (look.mean() > brightest) {
                odd.add("much brighter than the others");
            }
            if (pixels(look) * MUCH_LARGER < pixels) {
                odd.add("very small, " + size);
            } else if (pixels(look) > MUCH_LARGER * pixels) {
                odd.add("very large, " + size);
            }
            if (Math.abs(Math.log(shape(look) / shape)) > Math.log(MUCH_LONGER)) {
                odd.add("of another shape, " + size + ", where most are " + TextTable.decimals(shape, 2)
                        + " times as wide as high");
            }
            if (look.gray() && gray < FEW) {
                odd.add("gray among coloured images");
            } else if (!look.gray() && gray > 1 - FEW) {
                odd.add("coloured among gray images");
            }
            return odd;
        }
    }

    @Override
    public List<InspectedImage> images() {
        return List.of(image);
    }

    @Override
    public String note() {
        return what;
    }

    @Override
    public OddImage withoutPaths() {
        return new OddImage(image.withoutPath(), what);
    }

    @Override
    public String toString() {
        return image + ": " + what;
    }
}
