package org.transfer4j.benchmarks;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.transfer4j.benchmarks.SampleImages.Origin;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.image.ImageConverter;
import org.transfer4j.internal.image.ImageDecoder;
import org.transfer4j.internal.image.ImageHeader;
import org.transfer4j.internal.image.ImageOrigin;
import org.transfer4j.preprocessing.ImagePreprocessing;

/** From an image file to the network's input, step by step and in one, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class DecodeAndResize {
    /** Which images, with the size of the network that they are for. */
    public enum Job {
        /** JPEGs of 500x375 for 224x224. */
        PHOTOS_224(Origin.PHOTOS, 224),
        /** JPEGs of 32x32 for 48x48. */
        JPEG_48(Origin.JPEG, 48),
        /** PNGs of 28x28 for 48x48. */
        PNG_48(Origin.PNG, 48);

        private final Origin origin;
        private final int size;

        Job(Origin origin, int size) {
            this.origin = origin;
            this.size = size;
        }
    }

    /** What is decoded. */
    @Param
    public Job job = Job.PHOTOS_224;

    private Path file;
    private byte[] encoded;
    private DecodedImage decoded;
    private ImageConverter converter;
    private FloatBuffer target;

    /** Makes the file and its pixels. */
    @Setup(Level.Trial)
    public void prepare() throws IOException {
        encoded = SampleImages.encoded(job.origin, 1);
        file = Files.write(Files.createTempFile("transfer4j-image", ""), encoded);
        decoded = ImageDecoder.decode(encoded, ImageOrigin.UNNAMED);
        converter = new ImageConverter(job.size, job.size, ImagePreprocessing.caffe());
        target = FloatBuffer.allocate(3 * job.size * job.size);
    }

    /** Removes the file. */
    @TearDown(Level.Trial)
    public void cleanUp() throws IOException {
        decoded.close();
        Files.delete(file);
    }

    /** All that happens to one image. */
    @Benchmark
    public FloatBuffer whole() {
        try (DecodedImage pixels = ImageDecoder.decode(file)) {
            converter.convert(pixels, "image", target.clear());
        }
        return target;
    }

    /** The file's bytes, from the page cache. */
    @Benchmark
    public byte[] read() throws IOException {
        return Files.readAllBytes(file);
    }

    /** The look at header and tail that each file of a dataset gets before work begins. */
    @Benchmark
    public ImageHeader check() {
        return ImageHeader.check(file);
    }

    /** The structure is checked and the pixels decoded. */
    @Benchmark
    public Object decode() {
        DecodedImage pixels = ImageDecoder.decode(encoded, ImageOrigin.UNNAMED);
        pixels.close();
        return pixels;
    }

    /** What OpenCV alone takes to decode. */
    @Benchmark
    public Mat decodeInOpenCv() {
        try (BytePointer pointer = new BytePointer(encoded);
                Mat bytes = new Mat(1, encoded.length, opencv_core.CV_8UC1, pointer);
                Mat pixels = opencv_imgcodecs.imdecode(bytes, opencv_imgcodecs.IMREAD_ANYCOLOR)) {
            return pixels;
        }
    }

    /** Pixels are resized, and scaled to floats. */
    @Benchmark
    public FloatBuffer convert() {
        converter.convert(decoded, "image", target.clear());
        return target;
    }
}
