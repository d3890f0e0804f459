package org.transfer4j.preprocessing;

import java.nio.FloatBuffer;
import java.util.Objects;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.pixel.BilinearResize;
import org.transfer4j.internal.pixel.BilinearResize.ResizedPlanes;
import org.transfer4j.internal.pixel.FloatImages;

/**
 * Gray images of any size to RGB images of one size, as
 * {@code cv2.cvtColor(cv2.resize(image, (width, height)), cv2.COLOR_GRAY2BGR)} does: bilinear on 8-bit pixels, then
 * three equal channels. Images of three channels are resized only.
 *
 * <p>Pixels are 0..255 throughout; what a network then does to them is {@link ImagePreprocessing}. The results equal
 * those of OpenCV 4.5 and 4.6 exactly; those of OpenCV 5.0 may differ by 1.
 *
 * <p>As ND4J's {@link DataSetPreProcessor} it works on any {@code DataSetIterator}:
 * {@code iterator.setPreProcessor(new GrayToRgbResizer(224, 224))}. An iterator that hands out the same data set in
 * every epoch is no trouble: resizing again to the same size changes nothing.
 *
 * <p>Immutable and safe for many threads. {@link java.io.Serializable} because ND4J's interface is; the stored form is
 * {@link #toJson()}.
 */
public final class GrayToRgbResizer implements DataSetPreProcessor {
    private static final long serialVersionUID = 1L;
    private static final int RGB = 3;
    private static final String KIND = "gray-to-rgb-resizer";
    private static final int JSON_VERSION = 1;

    /** Rows of the result. */
    private final int height;

    /** Columns of the result. */
    private final int width;

    /** Rows of flat images, or 0 where the shape tells. */
    private final int sourceHeight;

    /** Columns of flat images, or 0 where the shape tells. */
    private final int sourceWidth;

    /**
     * For images as [N, 1 or 3, H, W].
     *
     * @param height rows of the result, at least 1
     * @param width columns of the result, at least 1
     * @throws IllegalArgumentException for sizes below 1
     */
    public GrayToRgbResizer(int height, int width) {
        this.height = height;
        this.width = width;
        this.sourceHeight = 0;
        this.sourceWidth = 0;
        resize();
    }

    /**
     * For flat gray images as [N, sourceHeight * sourceWidth], row by row; it takes [N, 1 or 3, H, W] as well.
     *
     * @param height rows of the result, at least 1
     * @param width columns of the result, at least 1
     * @param sourceHeight rows of a flat image, at least 1
     * @param sourceWidth columns of a flat image, at least 1
     * @throws IllegalArgumentException for sizes below 1
     */
    public GrayToRgbResizer(int height, int width, int sourceHeight, int sourceWidth) {
        if (sourceHeight < 1 || sourceWidth < 1) {
            throw new IllegalArgumentException(
                    "sourceHeight and sourceWidth must be at least 1, got " + sourceHeight + " x " + sourceWidth);
        }
        this.height = height;
        this.width = width;
        this.sourceHeight = sourceHeight;
        this.sourceWidth = sourceWidth;
        resize();
    }

    /**
     * Rounds to 8 bits (to the nearest integer, ties to even, as OpenCV does), resizes, and makes three channels.
     *
     * @param images [N, 1, H, W] gray or [N, 3, H, W] RGB, or [N, H * W] if the source's size is known; 0..255; any
     *     numeric type, order or view; N at least 1; not changed
     * @return a new float32 array [N, 3, height, width], RGB, whole values of 0..255
     * @throws IllegalArgumentException for another shape or type
     * @throws org.transfer4j.error.ImageException for an image with values that are NaN, infinite or outside 0..255, or
     *     fractional and all within 0..1 (such an image was scaled before); the message names image and value
     */
    public INDArray apply(INDArray images) {
        FirstUse.OPENCV.start();
        ResizedPlanes resized = new ResizedPlanes(resize(), channel -> channel, (channel, value) -> value);
        return FloatImages.of(withPlanes(images)).changed(height, width, (pixels, name, planes) -> {
            pixels.requireEightBit(name);
            resized.write(pixels, FloatBuffer.wrap(planes));
        });
    }

    /**
     * Resizes one image and makes three channels.
     *
     * @param image gray or BGR, 8 bits (CV_8UC1 or CV_8UC3); not changed
     * @return a new BGR image (CV_8UC3), which the caller closes
     * @throws IllegalArgumentException for null and for a closed image
     * @throws org.transfer4j.error.ImageException for an empty image and one of another type
     */
    public Mat apply(Mat image) {
        FirstUse.OPENCV.start();
        Mat resized = resize().resize(image);
        if (resized.channels() == RGB) {
            return resized;
        }
        Mat result = new Mat();
        try (resized) {
            opencv_imgproc.cvtColor(resized, result, opencv_imgproc.COLOR_GRAY2BGR);
        } catch (RuntimeException e) {
            result.close();
            throw e;
        }
        return result;
    }

    /**
     * Replaces the features of a data set by {@link #apply(INDArray)} of them; labels and masks stay.
     *
     * @param data with features as {@link #apply(INDArray)} takes them
     * @throws IllegalArgumentException without features, and for another shape or type
     * @throws org.transfer4j.error.ImageException as {@link #apply(INDArray)}
     */
    @Override
    public void preProcess(DataSet data) {
        if (data == null || data.getFeatures() == null) {
            throw new IllegalArgumentException("the data set has no features");
        }
        data.setFeatures(apply(data.getFeatures()));
    }

    /**
     * Writes the sizes as a JSON object of one line, versioned, that {@link #fromJson} of this and later versions reads.
     *
     * @return the JSON
     */
    public String toJson() {
        boolean known = sourceHeight > 0;
        return Json.write(
                new Stored(KIND, JSON_VERSION, height, width, known ? sourceHeight : null, known ? sourceWidth : null));
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json the JSON
     * @return an equal resizer
     * @throws IllegalArgumentException for text that is not such JSON, a later version, sizes below 1, and unknown
     *     fields; the message lists the known ones
     */
    public static GrayToRgbResizer fromJson(String json) {
        Stored stored = Json.read(json, KIND, JSON_VERSION, Stored.class);
        return stored.sourceHeight() == null && stored.sourceWidth() == null
                ? new GrayToRgbResizer(stored.height(), stored.width())
                : new GrayToRgbResizer(
                        stored.height(),
                        stored.width(),
                        Objects.requireNonNullElse(stored.sourceHeight(), 0),
                        Objects.requireNonNullElse(stored.sourceWidth(), 0));
    }

    /** The JSON; the sizes of the source are there only where they were given. */
    private record Stored(
            String kind,
            int version,
            int height,
            int width,
            @Nullable Integer sourceHeight,
            @Nullable Integer sourceWidth) {}

    @Override
    public boolean equals(Object other) {
        return other instanceof GrayToRgbResizer that
                && height == that.height
                && width == that.width
                && sourceHeight == that.sourceHeight
                && sourceWidth == that.sourceWidth;
    }

    @Override
    public int hashCode() {
        return Objects.hash(height, width, sourceHeight, sourceWidth);
    }

    /**
     * The sizes.
     *
     * @return such as "GrayToRgbResizer[48 x 48]" or "GrayToRgbResizer[28 x 28 to 48 x 48]"
     */
    @Override
    public String toString() {
        String source = sourceHeight == 0 ? "" : sourceHeight + " x " + sourceWidth + " to ";
        return "GrayToRgbResizer[" + source + height + " x " + width + "]";
    }

    private BilinearResize resize() {
        return new BilinearResize(height, width);
    }

    private INDArray withPlanes(INDArray images) {
        FloatImages.requireNumbers(images);
        if (images.rank() != 2 || images.isEmpty()) {
            return images;
        }
        if (sourceHeight == 0) {
            throw new IllegalArgumentException("images of shape " + FloatImages.shapeOf(images)
                    + " are flat: give the constructor their height and width too");
        }
        if (images.size(1) != (long) sourceHeight * sourceWidth) {
            throw new IllegalArgumentException("flat images must be [N, " + sourceHeight + " * " + sourceWidth
                    + "], got " + FloatImages.shapeOf(images));
        }
        return images.reshape('c', images.size(0), 1, sourceHeight, sourceWidth);
    }
}
