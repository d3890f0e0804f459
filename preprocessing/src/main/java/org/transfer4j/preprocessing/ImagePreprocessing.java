package org.transfer4j.preprocessing;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.json.Json;
import org.transfer4j.internal.pixel.FloatImages;
import org.transfer4j.internal.pixel.FloatImages.FloatPixels;

/**
 * What a network does to pixels before its first layer: the order of the channels and a scale for each of them. A
 * network needs the mode that its weights were trained with.
 *
 * <p>Every mode takes red, green and blue values of 0..255 and computes
 * {@code (value / divisor - mean) / deviation} for each channel of its output, each of the three steps in float32, as
 * {@code keras.applications.imagenet_utils.preprocess_input} and torchvision's {@code Normalize} do. The results are
 * theirs to the last bit.
 *
 * <table>
 * <caption>The modes</caption>
 * <tr><th>Mode<th>Channels<th>Divisor<th>Mean<th>Deviation<th>Networks
 * <tr><td>{@link #none()}<td>RGB<td>1<td>0<td>1<td>those that scale by themselves
 * <tr><td>{@link #unit()}<td>RGB<td>255<td>0<td>1<td>trained from scratch on 0..1
 * <tr><td>{@link #tf()}<td>RGB<td>127.5<td>1<td>1<td>MobileNet, MobileNetV2, Xception
 * <tr><td>{@link #torch()}<td>RGB<td>255<td>0.485, 0.456, 0.406<td>0.229, 0.224, 0.225<td>DenseNet, torchvision
 * <tr><td>{@link #caffe()}<td>BGR<td>1<td>103.939, 116.779, 123.68<td>1<td>VGG16, VGG19, ResNet50
 * </table>
 *
 * <p>Immutable. Two are equal if they compute the same: {@code standardized} with the numbers of {@code torch()} is
 * {@code torch()}.
 */
public final class ImagePreprocessing {
    private static final int CHANNELS = 3;
    private static final String KIND = "image-preprocessing";
    private static final int JSON_VERSION = 1;
    private static final String STANDARDIZED = "standardized";

    private static final ImagePreprocessing NONE = rgb(1f, new float[] {0f, 0f, 0f}, new float[] {1f, 1f, 1f});
    private static final ImagePreprocessing UNIT = standardized(new float[] {0f, 0f, 0f}, new float[] {1f, 1f, 1f});
    private static final ImagePreprocessing TF = rgb(127.5f, new float[] {1f, 1f, 1f}, new float[] {1f, 1f, 1f});
    private static final ImagePreprocessing TORCH =
            standardized(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
    private static final ImagePreprocessing CAFFE = new ImagePreprocessing(List.of(
            new OutputChannel(2, 1f, 103.939f, 1f),
            new OutputChannel(1, 1f, 116.779f, 1f),
            new OutputChannel(0, 1f, 123.68f, 1f)));

    private final List<OutputChannel> channels;

    private ImagePreprocessing(List<OutputChannel> channels) {
        this.channels = channels;
    }

    /**
     * Values kept: RGB, 0..255. Of all modes, this one alone also takes pixels that were scaled before (fractional and
     * all within 0..1) or that lie outside 0..255.
     *
     * @return the mode "none"
     */
    public static ImagePreprocessing none() {
        return NONE;
    }

    /**
     * Divided by 255: RGB, 0..1.
     *
     * @return the mode "unit"
     */
    public static ImagePreprocessing unit() {
        return UNIT;
    }

    /**
     * Keras' mode "tf": divided by 127.5, minus 1; RGB, -1..1.
     *
     * @return the mode "tf"
     */
    public static ImagePreprocessing tf() {
        return TF;
    }

    /**
     * Keras' mode "torch": divided by 255, minus the means of ImageNet, divided by its standard deviations; RGB.
     *
     * @return the mode "torch"
     */
    public static ImagePreprocessing torch() {
        return TORCH;
    }

    /**
     * Keras' mode "caffe": blue, green, red, minus the means of ImageNet.
     *
     * @return the mode "caffe"
     */
    public static ImagePreprocessing caffe() {
        return CAFFE;
    }

    /**
     * Divided by 255, minus a mean, divided by a standard deviation, as torchvision's {@code ToTensor} and
     * {@code Normalize(mean, std)} do; RGB.
     *
     * @param mean of red, green and blue, on the scale 0..1; finite
     * @param deviation of red, green and blue, on the scale 0..1; finite and above 0
     * @return the mode
     * @throws IllegalArgumentException for other than three values each, or values that don't give finite results
     */
    public static ImagePreprocessing standardized(float[] mean, float[] deviation) {
        Objects.requireNonNull(mean, "mean");
        Objects.requireNonNull(deviation, "deviation");
        if (mean.length != CHANNELS || deviation.length != CHANNELS) {
            throw new IllegalArgumentException(
                    "mean and deviation must have three values each, for red, green and blue," + " got "
                            + Arrays.toString(mean) + " and " + Arrays.toString(deviation));
        }
        ImagePreprocessing result = rgb(255f, mean, deviation);
        for (OutputChannel channel : result.channels) {
            if (!(channel.deviation() > 0)
                    || !Float.isFinite(channel.deviation())
                    || !Float.isFinite(channel.apply(0))
                    || !Float.isFinite(channel.apply(255))) {
                throw new IllegalArgumentException("mean must be finite and deviation finite and above 0, got "
                        + Arrays.toString(mean) + " and " + Arrays.toString(deviation));
            }
        }
        return result;
    }

    /**
     * The name of the mode: "none", "unit", "tf", "torch", "caffe", or "standardized" for other numbers.
     *
     * @return the name
     */
    public String name() {
        return modes().entrySet().stream()
                .filter(mode -> mode.getValue().equals(this))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(STANDARDIZED);
    }

    /**
     * Which channel of the image an output channel is made of.
     *
     * @param channel of the output, 0 to 2
     * @return 0 for red, 1 for green, 2 for blue
     * @throws IndexOutOfBoundsException for another channel
     */
    public int sourceChannel(int channel) {
        if (channel < 0 || channel >= CHANNELS) {
            throw new IndexOutOfBoundsException("an output channel is 0 to 2, got " + channel);
        }
        return channels.get(channel).source();
    }

    /**
     * What an output channel makes of one value.
     *
     * @param channel of the output, 0 to 2
     * @param value of the source channel, 0..255
     * @return what the network gets
     * @throws IndexOutOfBoundsException for another channel
     */
    public float apply(int channel, float value) {
        return channels.get(channel).apply(value);
    }

    /**
     * Computes the input of a network. Values are not rounded; the sizes stay.
     *
     * @param images [N, 3, H, W], RGB, 0..255, any numeric type; not changed
     * @return a new float32 array [N, 3, H, W], its channels in the order of this mode
     * @throws IllegalArgumentException for another shape or type
     * @throws org.transfer4j.error.ImageException for NaN or infinite values, and, except under {@link #none()}, for
     *     values outside 0..255 and for an image whose values are fractional and all within 0..1: it was scaled before
     */
    public INDArray apply(INDArray images) {
        FloatImages source = FloatImages.of(images);
        if (source.channels() != CHANNELS) {
            throw new IllegalArgumentException("images must be [N, 3, H, W], got " + FloatImages.shapeOf(images)
                    + "; GrayToRgbResizer makes three channels of one");
        }
        return source.changed(source.height(), source.width(), (pixels, name, planes) -> {
            check(pixels, name);
            apply(pixels.values(), planes);
        });
    }

    private void check(FloatPixels pixels, String image) {
        if (equals(NONE)) {
            pixels.requireFinite(image);
        } else {
            pixels.requireEightBit(image);
        }
    }

    private void apply(float[] values, float[] results) {
        int plane = values.length / CHANNELS;
        for (int channel = 0; channel < CHANNELS; channel++) {
            OutputChannel output = channels.get(channel);
            int from = output.source() * plane;
            int to = channel * plane;
            for (int i = 0; i < plane; i++) {
                results[to + i] = output.apply(values[from + i]);
            }
        }
    }

    /**
     * Writes the mode as a JSON object of one line, versioned, that {@link #fromJson} of this and later versions reads.
     *
     * @return the JSON
     */
    public String toJson() {
        String name = name();
        return Json.write(
                name.equals(STANDARDIZED)
                        ? new StoredNumbers(KIND, JSON_VERSION, name, mean(), deviation())
                        : new StoredName(KIND, JSON_VERSION, name));
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @param json the JSON
     * @return an equal mode
     * @throws IllegalArgumentException for text that is not such JSON, a later version, and unknown modes or fields; the
     *     message lists the known ones
     */
    public static ImagePreprocessing fromJson(String json) {
        String name = Json.read(json, KIND, JSON_VERSION, StoredMode.class).mode();
        if (name.equals(STANDARDIZED)) {
            StoredNumbers numbers = Json.read(json, KIND, JSON_VERSION, StoredNumbers.class);
            return standardized(numbers.mean(), numbers.deviation());
        }
        ImagePreprocessing named = modes().get(name);
        if (named == null) {
            throw new IllegalArgumentException("unknown preprocessing mode '" + name + "': known are "
                    + String.join(", ", modes().keySet()) + ", " + STANDARDIZED);
        }
        Json.read(json, KIND, JSON_VERSION, StoredName.class);
        return named;
    }

    /** What both forms of the JSON have. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record StoredMode(String mode) {}

    private record StoredName(String kind, int version, String mode) {}

    @SuppressWarnings("ArrayRecordComponent") // they come and go
    private record StoredNumbers(String kind, int version, String mode, float[] mean, float[] deviation) {}

    @Override
    public boolean equals(Object other) {
        return other instanceof ImagePreprocessing that && channels.equals(that.channels);
    }

    @Override
    public int hashCode() {
        return channels.hashCode();
    }

    /**
     * The name, with its numbers where there is no name for them.
     *
     * @return such as "caffe" or "standardized(mean [0.5, 0.5, 0.5], deviation [0.5, 0.5, 0.5])"
     */
    @Override
    public String toString() {
        String name = name();
        return name.equals(STANDARDIZED)
                ? name + "(mean " + Arrays.toString(mean()) + ", deviation " + Arrays.toString(deviation()) + ")"
                : name;
    }

    static Map<String, ImagePreprocessing> modes() {
        Map<String, ImagePreprocessing> modes = new LinkedHashMap<>();
        modes.put("none", NONE);
        modes.put("unit", UNIT);
        modes.put("tf", TF);
        modes.put("torch", TORCH);
        modes.put("caffe", CAFFE);
        return modes;
    }

    float[] mean() {
        return new float[] {
            channels.get(0).mean(), channels.get(1).mean(), channels.get(2).mean()
        };
    }

    float[] deviation() {
        return new float[] {
            channels.get(0).deviation(),
            channels.get(1).deviation(),
            channels.get(2).deviation()
        };
    }

    private static ImagePreprocessing rgb(float divisor, float[] mean, float[] deviation) {
        return new ImagePreprocessing(IntStream.range(0, CHANNELS)
                // adding 0 turns -0 into 0, which computes the same and must be equal
                .mapToObj(c -> new OutputChannel(c, divisor, mean[c] + 0f, deviation[c]))
                .toList());
    }

    /**
     * One channel of a network's input: where it comes from, and the arithmetic on each value.
     *
     * <p>{@code (value / divisor - mean) / deviation}, every step rounded to float32, is what Keras and torchvision compute
     * one after the other; a step that a mode doesn't have (divisor 1, mean 0, deviation 1) is exact. That makes one formula
     * agree to the last bit with all of them.
     *
     * @param source the channel that it is made of: 0 red, 1 green, 2 blue
     * @param divisor applied first
     * @param mean subtracted next
     * @param deviation divides last
     */
    private record OutputChannel(int source, float divisor, float mean, float deviation) {
        float apply(float value) {
            return (value / divisor - mean) / deviation;
        }
    }
}
