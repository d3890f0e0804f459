package org.transfer4j.internal.network;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The shape of a value of a network for one image, without the batch dimension: [C, H, W] of an image, [F] of a vector.
 * Also the shape of a parameter.
 */
@JsonAutoDetect(isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public record Shape(List<Long> sizes) {
    /** Of what a foreign layer gives that can't say it before it runs. */
    public static final Shape UNKNOWN = new Shape(List.of());

    private static final int IMAGE_RANK = 3;

    /** Copies the sizes, each of which is at least 1. */
    public Shape {
        sizes = List.copyOf(sizes);
        if (sizes.stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException("the sizes of a shape must be positive, got " + sizes);
        }
    }

    public static Shape of(long... sizes) {
        return new Shape(LongStream.of(sizes).boxed().toList());
    }

    /** An image's shape with these channels. */
    public static Shape image(long channels, Extent size) {
        return of(channels, size.height(), size.width());
    }

    public boolean isImage() {
        return sizes.size() == IMAGE_RANK;
    }

    public boolean isVector() {
        return sizes.size() == 1;
    }

    /** Whether it is of an image of one pixel. */
    public boolean isPixel() {
        return isImage() && height() == 1 && width() == 1;
    }

    /** The channels of an image, or the numbers of a vector. */
    public int channels() {
        return Math.toIntExact(sizes.get(0));
    }

    public int height() {
        return Math.toIntExact(sizes.get(1));
    }

    public int width() {
        return Math.toIntExact(sizes.get(2));
    }

    /** Height and width of an image. */
    public Extent size() {
        return new Extent(height(), width());
    }

    public long elements() {
        return sizes.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    public long[] toArray() {
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    public long[] withBatch(long batch) {
        return LongStream.concat(LongStream.of(batch), LongStream.of(toArray())).toArray();
    }

    @Override
    public String toString() {
        return sizes.toString();
    }
}
