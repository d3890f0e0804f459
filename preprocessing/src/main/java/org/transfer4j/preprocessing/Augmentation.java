package org.transfer4j.preprocessing;

import java.util.Objects;
import java.util.StringJoiner;
import java.util.random.RandomGenerator;
import org.bytedeco.opencv.opencv_core.Mat;
import org.transfer4j.internal.augment.Geometry;
import org.transfer4j.internal.augment.ImageSteps;
import org.transfer4j.internal.augment.ImageSteps.ColorJitter;
import org.transfer4j.internal.augment.ImageSteps.RandomErasing;
import org.transfer4j.internal.augment.Mixing;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.pixel.BilinearResize;

/**
 * Random changes of training images that leave their classes what they are: the network sees each image in many
 * variants and learns what does not matter.
 *
 * <pre>{@code
 * Augmentation.none().horizontalFlip().crop(4).randomErasing(0.25)   // small photos, as for CIFAR-10
 * Augmentation.photos()
 * Augmentation.digits().rotation(15)
 * }</pre>
 *
 * <p>Steps are taken in a fixed order, whatever the order of the calls: a part of the image is cut out, flipped, turned and zoomed about
 * its centre, and shifted, all in one warp together with the resizing to the network's input, so that pixels are
 * interpolated once (bilinear); then brightness and contrast, then erasing, on the 8-bit pixels of the network's input
 * size. All numbers are drawn evenly from their ranges, for each image anew. Images that are but flipped and shifted by
 * whole pixels keep their pixels.
 *
 * <p>Immutable: every step returns a new augmentation; the last call of a kind wins. Two are equal if they do the same.
 */
public final class Augmentation {
    private static final Augmentation NONE =
            new Augmentation(Geometry.Range.NONE, Border.REFLECT, ColorJitter.NONE, RandomErasing.NONE, Mixing.NONE);

    private final Geometry.Range geometry;
    private final Border border;
    private final ColorJitter color;
    private final RandomErasing erasing;
    private final Mixing mixing;

    private Augmentation(
            Geometry.Range geometry, Border border, ColorJitter color, RandomErasing erasing, Mixing mixing) {
        this.geometry = geometry;
        this.border = border;
        this.color = color;
        this.erasing = erasing;
        this.mixing = mixing;
    }

    /**
     * Changes nothing: where a description of one's own starts.
     *
     * @return no steps, {@link Border#REFLECT}
     */
    public static Augmentation none() {
        return NONE;
    }

    /**
     * For photos of things that may be seen from either side: horizontal flip, rotation by up to 10 degrees, zoom 1.0
     * to 1.1, brightness and contrast 0.2. The ranges of fastai's {@code aug_transforms()}, without its perspective
     * warp; fastai leaves a quarter of the images as they are, and changes light by logits.
     *
     * @return the augmentation
     */
    public static Augmentation photos() {
        return none().horizontalFlip()
                .rotation(10)
                .zoom(1.0, 1.1)
                .brightness(0.2)
                .contrast(0.2);
    }

    /**
     * For digits, letters and signs, which mirrored mean something else or nothing: rotation by up to 10 degrees,
     * translation 0.1, zoom 0.9 to 1.1, {@link Border#REPLICATE}. No flips.
     *
     * @return the augmentation
     */
    public static Augmentation digits() {
        return none().rotation(10).translation(0.1).zoom(0.9, 1.1).border(Border.REPLICATE);
    }

    /**
     * Exchanges left and right in half of the images.
     *
     * @return a new augmentation
     */
    public Augmentation horizontalFlip() {
        return with(geometry.withHorizontalFlip());
    }

    /**
     * Exchanges top and bottom in half of the images: for views from above, through a microscope and the like.
     *
     * @return a new augmentation
     */
    public Augmentation verticalFlip() {
        return with(geometry.withVerticalFlip());
    }

    /**
     * Turns images about their centre.
     *
     * @param degrees 0 to 180; an image is turned by -degrees to degrees
     * @return a new augmentation
     * @throws IllegalArgumentException for other degrees
     */
    public Augmentation rotation(double degrees) {
        return with(geometry.withDegrees(within("rotation", degrees, 0, 180)));
    }

    /**
     * Shifts images, in height and width apart.
     *
     * @param fraction 0 to 1; an image is shifted by -fraction to fraction of its height and width
     * @return a new augmentation
     * @throws IllegalArgumentException for another fraction
     */
    public Augmentation translation(double fraction) {
        return with(geometry.withTranslation(within("translation", fraction, 0, 1)));
    }

    /**
     * Enlarges or reduces images about their centre, height and width alike.
     *
     * @param smallest factor, 0.1 to 10; below 1 reduces
     * @param largest factor, smallest to 10
     * @return a new augmentation
     * @throws IllegalArgumentException for other factors
     */
    public Augmentation zoom(double smallest, double largest) {
        within("zoom's smallest factor", smallest, 0.1, 10);
        return with(geometry.withZoom(smallest, within("zoom's largest factor", largest, smallest, 10)));
    }

    /**
     * Cuts images of the input's size out of the image with a margin around it, which the {@link #border} fills: the
     * random crop of CIFAR-10 trainings (He et al. 2015, 4 pixels).
     *
     * @param padding 0 to 1000 pixels of the network's input; an image is shifted by -padding to padding whole pixels,
     *     in height and width apart
     * @return a new augmentation
     * @throws IllegalArgumentException for another padding
     */
    public Augmentation crop(int padding) {
        return with(geometry.withPadding((int) within("crop's padding", padding, 0, 1000)));
    }

    /**
     * Takes a part of each image for the whole (C. Szegedy et al., Going Deeper with Convolutions, 2014), as torchvision's
     * {@code RandomResizedCrop} does, whose ratios these are: its area drawn from smallestArea to 1 of the image's, its
     * width to its height from 3/4 to 4/3 (evenly in their logarithms), anywhere inside; ten tries, then the largest
     * part in the middle that is not longer. Not rounded to whole pixels.
     *
     * @param smallestArea 0.01 to 1; ImageNet is often trained with 0.08, in short trainings with 0.35; 1 for none
     * @return a new augmentation
     * @throws IllegalArgumentException for another area
     */
    public Augmentation randomResizedCrop(double smallestArea) {
        return with(geometry.withSmallestArea(within("randomResizedCrop's smallest area", smallestArea, 0.01, 1)));
    }

    /**
     * Sets what is seen where an image that was moved has no pixels.
     *
     * @param border default {@link Border#REFLECT}
     * @return a new augmentation
     */
    public Augmentation border(Border border) {
        return new Augmentation(geometry, Objects.requireNonNull(border, "border"), color, erasing, mixing);
    }

    /**
     * Changes brightness: every value becomes b times as much, b drawn from 1 - amount to 1 + amount, as in
     * torchvision's {@code ColorJitter}; limited to 0..255, rounded once together with contrast.
     *
     * @param amount 0 to 1
     * @return a new augmentation
     * @throws IllegalArgumentException for another amount
     */
    public Augmentation brightness(double amount) {
        return with(new ColorJitter(within("brightness", amount, 0, 1), color.contrast()));
    }

    /**
     * Changes contrast: every value v becomes m + c (v - m), c drawn from 1 - amount to 1 + amount, m the mean of 0.299 R
     * + 0.587 G + 0.114 B over the image, as in torchvision's {@code ColorJitter}; limited to 0..255.
     *
     * @param amount 0 to 1
     * @return a new augmentation
     * @throws IllegalArgumentException for another amount
     */
    public Augmentation contrast(double amount) {
        return with(new ColorJitter(color.brightness(), within("contrast", amount, 0, 1)));
    }

    /**
     * Covers a rectangle with noise (Z. Zhong et al., Random Erasing Data Augmentation, 2017): 2% to 40% of the image's
     * area, height to width 0.3 to 3.33, anywhere inside; each value even within 0..255.
     *
     * @param probability that an image loses a rectangle, 0 to 1
     * @return a new augmentation
     * @throws IllegalArgumentException for another probability
     */
    public Augmentation randomErasing(double probability) {
        return new Augmentation(
                geometry,
                border,
                color,
                new RandomErasing(within("randomErasing's probability", probability, 0, 1)),
                mixing);
    }

    /**
     * Blends each image with another one (H. Zhang et al., mixup, 2018): x = w x1 + (1 - w) x2, w drawn from Beta(alpha,
     * alpha) for each image, the other one from all training images, both augmented before. The loss is w times that of
     * the one's class and 1 - w times that of the other's; a hit is counted where the class with the larger share is
     * predicted, so that the accuracy in training says little.
     *
     * @param alpha 0 to 100; the paper takes 0.1 to 0.4 for ImageNet and 1 for CIFAR-10; 0 for none
     * @return a new augmentation
     * @throws IllegalArgumentException for another alpha
     */
    public Augmentation mixUp(double alpha) {
        return with(new Mixing(within("mixUp's alpha", alpha, 0, 100), mixing.cutMixAlpha()));
    }

    /**
     * Pastes a rectangle of another image into each image (S. Yun et al., CutMix, 2019): of 1 - w of its area, w drawn
     * from Beta(alpha, alpha), its centre anywhere, cut off at the edges. Classes and loss as with {@link #mixUp}, w being
     * the share of the pixels that remain. With both, a coin decides for each image.
     *
     * @param alpha 0 to 100; the paper takes 1; 0 for none
     * @return a new augmentation
     * @throws IllegalArgumentException for another alpha
     */
    public Augmentation cutMix(double alpha) {
        return with(new Mixing(mixing.mixUpAlpha(), within("cutMix's alpha", alpha, 0, 100)));
    }

    /**
     * The parameter of {@link #mixUp}.
     *
     * @return 0 for none
     */
    public double mixUpAlpha() {
        return mixing.mixUpAlpha();
    }

    /**
     * The parameter of {@link #cutMix}.
     *
     * @return 0 for none
     */
    public double cutMixAlpha() {
        return mixing.cutMixAlpha();
    }

    /**
     * Whether nothing is changed.
     *
     * @return true for {@link #none()} and what does the same
     */
    public boolean isNone() {
        return geometry.equals(Geometry.Range.NONE) && color.isNone() && erasing.isNone() && mixing.isNone();
    }

    /**
     * Augments and resizes one image, for example to look at what training sees; nothing is mixed in. Safe for use by several threads, each
     * with its own generator.
     *
     * @param image 8-bit, gray or BGR (CV_8UC1, CV_8UC3), or float (CV_32FC1, CV_32FC3); not changed
     * @param height rows of the result
     * @param width columns of the result
     * @param random what is drawn comes from here: the same numbers give the same image
     * @return a new Mat of the same type, to be closed by the caller
     * @throws IllegalArgumentException if a length is below 1
     * @throws org.transfer4j.error.ImageException for a Mat of another type, and for a float one where brightness,
     *     contrast or erasing must know its range
     */
    public Mat apply(Mat image, int height, int width, RandomGenerator random) {
        FirstUse.OPENCV.start();
        return new ImageSteps(geometry, border.openCvMode(), color, erasing)
                .apply(image, new BilinearResize(height, width), random);
    }

    private Augmentation with(Geometry.Range other) {
        return new Augmentation(other, border, color, erasing, mixing);
    }

    private Augmentation with(ColorJitter other) {
        return new Augmentation(geometry, border, other, erasing, mixing);
    }

    private Augmentation with(Mixing other) {
        return new Augmentation(geometry, border, color, erasing, other);
    }

    private static double within(String what, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(what + " must be within " + least + " and " + most + ", got " + value);
        }
        // adding 0 turns -0 into 0, which does the same and must be equal
        return value + 0.0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Augmentation that
                && geometry.equals(that.geometry)
                && border == that.border
                && color.equals(that.color)
                && erasing.equals(that.erasing)
                && mixing.equals(that.mixing);
    }

    @Override
    public int hashCode() {
        return Objects.hash(geometry, border, color, erasing, mixing);
    }

    /**
     * All steps with their numbers.
     *
     * @return such as "horizontalFlip, crop(4), border(REFLECT)"; equal augmentations give equal text, others other text
     */
    @Override
    public String toString() {
        StringJoiner steps = new StringJoiner(", ");
        if (geometry.smallestArea() != 1) {
            steps.add("randomResizedCrop(" + geometry.smallestArea() + ")");
        }
        if (geometry.horizontalFlip()) {
            steps.add("horizontalFlip");
        }
        if (geometry.verticalFlip()) {
            steps.add("verticalFlip");
        }
        add(steps, "rotation", geometry.degrees());
        add(steps, "translation", geometry.translation());
        if (geometry.smallestZoom() != 1 || geometry.largestZoom() != 1) {
            steps.add("zoom(" + geometry.smallestZoom() + ", " + geometry.largestZoom() + ")");
        }
        if (geometry.padding() > 0) {
            steps.add("crop(" + geometry.padding() + ")");
        }
        add(steps, "brightness", color.brightness());
        add(steps, "contrast", color.contrast());
        add(steps, "randomErasing", erasing.probability());
        add(steps, "mixUp", mixing.mixUpAlpha());
        add(steps, "cutMix", mixing.cutMixAlpha());
        return steps.add("border(" + border + ")").toString();
    }

    private static void add(StringJoiner steps, String name, double value) {
        if (value > 0) {
            steps.add(name + "(" + value + ")");
        }
    }
}
