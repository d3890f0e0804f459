package org.transfer4j.preprocessing;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;
import org.transfer4j.internal.augment.Geometry.Part;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * In how many ways, and in which, a network is shown an image whose prediction shall be the mean of what it says of each
 * (test-time augmentation). It costs a pass through the network for each view.
 *
 * <pre>{@code
 * classifier.predict(photo, Views.flipped())                      // the photo and its mirror image
 * classifier.predict(photo, Views.crops(0.875).andFlipped())      // with the ten crops of A. Krizhevsky et al., 2012
 * classifier.evaluate(photos, Views.of(Augmentation.photos(), 4, 42))
 * }</pre>
 *
 * <p>The first view is the image as it is. All images are changed alike: an image has the same views, and so the same
 * prediction, alone and among others, each time. What helps is what training showed the network, or what it would have had to
 * be shown: digits are not flipped.
 *
 * <p>Immutable; two are equal if they do the same.
 */
public final class Views {
    private static final int MOST = 1000;
    private static final View WHOLE = new View(Part.WHOLE, null, false);
    private static final Views NONE = new Views(List.of(WHOLE));

    private final List<View> views;

    private Views(List<View> views) {
        this.views = List.copyOf(views);
    }

    /**
     * One view.
     *
     * @param part of the image, with its ratio of height to width
     * @param random null where nothing is drawn
     * @param mirrored whether left and right change places, after all else
     */
    private record View(Part part, @Nullable Drawn random, boolean mirrored) {
        Mat apply(Mat image, int height, int width) {
            Mat changed = random == null
                    ? part.cutOut(image, new BilinearResize(height, width))
                    : random.augmentation.apply(image, height, width, new SplittableRandom(random.seed));
            if (!mirrored) {
                return changed;
            }
            try (changed) {
                Mat turned = new Mat();
                opencv_core.flip(changed, turned, 1);
                return turned;
            }
        }

        View mirror() {
            return new View(part, random, true);
        }

        @Override
        public String toString() {
            String what = "the image";
            if (random != null) {
                what = random.augmentation + " by seed " + random.seed;
            } else if (!part.equals(Part.WHOLE)) {
                what = String.format(Locale.ROOT, "%.3f of it from %.3f, %.3f", part.width(), part.x(), part.y());
            }
            return mirrored ? what + ", mirrored" : what;
        }
    }

    private record Drawn(Augmentation augmentation, long seed) {}

    /**
     * The image as it is, alone: an ordinary prediction.
     *
     * @return one view
     */
    public static Views none() {
        return NONE;
    }

    /**
     * The image and its mirror image: for photos of things that may be seen from either side.
     *
     * @return two views
     */
    public static Views flipped() {
        return NONE.andFlipped();
    }

    /**
     * The image, its four corners, and its centre. With {@link #andFlipped()} these are the ten crops of A. Krizhevsky et al.,
     * "ImageNet Classification with Deep Convolutional Neural Networks", 2012, and the image with its mirror image beside them.
     *
     * @param side how much of the image's height and width a crop has, 0.1 to 0.99; 0.875 is 224 of 256 pixels. It keeps the
     *     image's ratio, and is resized as the image is, not rounded to whole pixels
     * @return six views
     * @throws IllegalArgumentException for another side
     */
    public static Views crops(double side) {
        if (!(side >= 0.1 && side <= 0.99)) {
            throw new IllegalArgumentException("crops have from 0.1 to 0.99 of an image's sides, got " + side);
        }
        double far = 1 - side;
        return withWhole(Stream.of(
                        new Part(0, 0, side, side),
                        new Part(far, 0, side, side),
                        new Part(0, far, side, side),
                        new Part(far, far, side, side),
                        new Part(far / 2, far / 2, side, side))
                .map(crop -> new View(crop, null, false)));
    }

    private static Views withWhole(Stream<View> others) {
        return new Views(Stream.concat(Stream.of(WHOLE), others).toList());
    }

    /**
     * The image, and how an augmentation changes it, several times: best by that of the training. fastai's {@code tta} gives
     * the image as it is a quarter of the weight, and takes 4 changes; here all views count the same, the image a fifth.
     *
     * @param augmentation what is drawn; all images are changed by the same draws
     * @param count how many changes, 1 to 999
     * @param seed the same seed gives the same changes
     * @return count + 1 views
     * @throws IllegalArgumentException if the count is out of its range, or the augmentation mixes images, or changes nothing
     */
    public static Views of(Augmentation augmentation, int count, long seed) {
        Objects.requireNonNull(augmentation, "augmentation");
        if (count < 1 || count >= MOST) {
            throw new IllegalArgumentException(
                    "an image may be changed from 1 to " + (MOST - 1) + " times, got " + count);
        }
        if (augmentation.mixUpAlpha() > 0 || augmentation.cutMixAlpha() > 0) {
            throw new IllegalArgumentException(
                    "views are of one image: mixUp and cutMix have no place in them, got " + augmentation);
        }
        if (augmentation.isNone()) {
            throw new IllegalArgumentException("an augmentation that changes nothing gives no other views");
        }
        return withWhole(new SplittableRandom(seed)
                .longs(count)
                .mapToObj(own -> new View(Part.WHOLE, new Drawn(augmentation, own), false)));
    }

    /**
     * Each view, and each with left and right exchanged.
     *
     * @return twice as many views; the same where they are flipped already
     * @throws IllegalArgumentException if there are more than 1,000
     */
    public Views andFlipped() {
        if (views.stream().anyMatch(View::mirrored)) {
            return this;
        }
        if (2 * views.size() > MOST) {
            throw new IllegalArgumentException(
                    "an image has at most " + MOST + " views, got " + 2 * views.size() + " with mirror images");
        }
        return new Views(
                Stream.concat(views.stream(), views.stream().map(View::mirror)).toList());
    }

    /**
     * How many there are.
     *
     * @return 1 or more
     */
    public int count() {
        return views.size();
    }

    /**
     * Makes one view of an image, for example to look at it. Safe for use by several threads.
     *
     * @param image 8-bit, gray or BGR (CV_8UC1, CV_8UC3), or float (CV_32FC1, CV_32FC3); not changed
     * @param height rows of the result
     * @param width columns of the result
     * @param view from 0, the image as it is, to count - 1
     * @return a new Mat of the same type, to be closed by the caller
     * @throws IllegalArgumentException if a length is below 1
     * @throws IndexOutOfBoundsException if there is no such view
     * @throws org.transfer4j.error.ImageException for a Mat of another type, and for a float one where brightness,
     *     contrast or erasing must know its range
     */
    public Mat apply(Mat image, int height, int width, int view) {
        FirstUse.OPENCV.start();
        return views.get(view).apply(image, height, width);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Views that && views.equals(that.views);
    }

    @Override
    public int hashCode() {
        return views.hashCode();
    }

    /**
     * All views.
     *
     * @return such as "the image; the image, mirrored"
     */
    @Override
    public String toString() {
        return views.stream().map(View::toString).collect(Collectors.joining("; "));
    }
}
