package org.transfer4j.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.transfer4j.error.ImageException;

class GrayToRgbResizerTest {
    private final GrayToRgbResizer resizer = new GrayToRgbResizer(6, 5);

    /** Whole numbers of 0 to 255, different in every image. */
    private static INDArray images(long... shape) {
        double length = Arrays.stream(shape).reduce(1, (product, size) -> product * size);
        return Nd4j.arange(length).muli(7).fmodi(256).castTo(DataType.FLOAT).reshape(shape);
    }

    @Test
    void threeChannelsAreResizedEachForItself() {
        INDArray rgb = images(2, 3, 4, 7);

        INDArray resized = resizer.apply(rgb);

        assertThat(resized.shape()).containsExactly(2, 3, 6, 5);
        assertThat(resized.dataType()).isEqualTo(DataType.FLOAT);
        for (int channel = 0; channel < 3; channel++) {
            INDArray gray = rgb.get(
                    NDArrayIndex.all(),
                    NDArrayIndex.interval(channel, channel + 1),
                    NDArrayIndex.all(),
                    NDArrayIndex.all());
            assertThat(resizer.apply(gray).slice(0, 1)).isEqualTo(resized.slice(channel, 1));
        }
    }

    @Test
    void everyImageOfABatchIsResizedAsIfAlone() {
        INDArray batch = images(3, 1, 4, 7);
        INDArray resized = resizer.apply(batch);
        for (int image = 0; image < 3; image++) {
            INDArray alone = batch.get(
                    NDArrayIndex.interval(image, image + 1),
                    NDArrayIndex.all(),
                    NDArrayIndex.all(),
                    NDArrayIndex.all());
            assertThat(resizer.apply(alone).slice(0)).isEqualTo(resized.slice(image));
        }
    }

    @Test
    void theInputStaysAsItWas() {
        INDArray gray = images(2, 1, 4, 7);
        INDArray before = gray.dup();
        INDArray resized = resizer.apply(gray);
        resized.assign(-1);
        assertThat(gray).isEqualTo(before);
    }

    @Test
    void theSameSizeChangesNothing() {
        INDArray rgb = images(2, 3, 6, 5);
        INDArray resized = resizer.apply(rgb);
        assertThat(resized).isEqualTo(rgb).isNotSameAs(rgb);
    }

    @Test
    void viewsAndFortranOrderCount() {
        INDArray all = images(4, 1, 9, 12);
        INDArray view = all.get(
                NDArrayIndex.interval(1, 3),
                NDArrayIndex.all(),
                NDArrayIndex.interval(2, 6),
                NDArrayIndex.interval(1, 2, 12));
        INDArray copy = Nd4j.create(DataType.FLOAT, view.shape());
        for (int n = 0; n < 2; n++) {
            for (int y = 0; y < 4; y++) {
                for (int x = 0; x < 6; x++) {
                    copy.putScalar(new int[] {n, 0, y, x}, all.getFloat(n + 1, 0, y + 2, 1 + 2 * x));
                }
            }
        }
        INDArray expected = resizer.apply(copy);

        assertThat(resizer.apply(view)).isEqualTo(expected);
        assertThat(resizer.apply(copy.dup('f'))).isEqualTo(expected);
        INDArray transposed = copy.permute(0, 1, 3, 2).dup('c').permute(0, 1, 3, 2);
        assertThat(resizer.apply(transposed)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"UBYTE", "SHORT", "UINT16", "INT", "LONG", "DOUBLE", "FLOAT"})
    void everyNumericTypeIsRead(DataType type) {
        INDArray gray = images(2, 1, 4, 7);
        assertThat(resizer.apply(gray.castTo(type))).isEqualTo(resizer.apply(gray));
    }

    @Test
    void fractionsAreRoundedToTheNearestTiesToEven() {
        INDArray gray = Nd4j.createFromArray(0.5f, 1.5f, 2.5f, 2.4999f, 200.5f, 201.5f, 254.5f, 255f)
                .reshape(1, 1, 2, 4);
        assertThat(new GrayToRgbResizer(2, 4).apply(gray).reshape(24).toFloatVector())
                .startsWith(0f, 2f, 2f, 2f, 200f, 202f, 254f, 255f);
    }

    @Test
    void flatImagesNeedTheirSize() {
        INDArray gray = images(3, 1, 4, 7);
        INDArray flat = gray.reshape(3, 28);
        GrayToRgbResizer forFlat = new GrayToRgbResizer(6, 5, 4, 7);

        assertThat(forFlat.apply(flat)).isEqualTo(resizer.apply(gray));
        assertThat(forFlat.apply(flat.dup('f'))).isEqualTo(resizer.apply(gray));
        assertThat(forFlat.apply(gray)).isEqualTo(resizer.apply(gray));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply(flat))
                .withMessageContaining("[3, 28]")
                .withMessageContaining("constructor");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> forFlat.apply(images(2, 27)))
                .withMessageContaining("[N, 4 * 7]")
                .withMessageContaining("[2, 27]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2,4,7", "1,2,4,7", "1,4,4,7", "1,1,1,4,7", "28"})
    void otherShapesAreRefused(String shape) {
        long[] sizes =
                Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply(images(sizes)))
                .withMessageContaining("[N, 1 or 3, H, W]")
                .withMessageContaining(shape.replace(",", ", "));
    }

    @Test
    void noImagesAreRefused() {
        INDArray none = Nd4j.create(DataType.FLOAT, 0, 1, 4, 7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply(none))
                .withMessageContaining("[0, 1, 4, 7]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GrayToRgbResizer(6, 5, 4, 7).apply(Nd4j.create(DataType.FLOAT, 0, 28)))
                .withMessageContaining("[0, 28]");
    }

    @Test
    void arraysWithoutNumbersAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply(images(1, 1, 4, 7).castTo(DataType.BOOL)))
                .withMessageContaining("BOOL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply((INDArray) null))
                .withMessageContaining("null");
        INDArray closed = Nd4j.zeros(DataType.FLOAT, 1, 1, 4, 7);
        closed.close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resizer.apply(closed))
                .withMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0.25f, 255.5f, 1e30f})
    void otherThanZeroTo255IsRefused(float value) {
        INDArray rgb = images(3, 3, 4, 7);
        rgb.putScalar(new int[] {2, 1, 3, 5}, value);
        assertThatThrownBy(() -> resizer.apply(rgb))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image 2")
                .hasMessageContaining("channel 1, row 3, column 5")
                .hasMessageContaining(Float.toString(value));
    }

    @Test
    void scaledImagesAreRefused() {
        INDArray scaled = images(2, 1, 4, 7);
        scaled.slice(1).divi(255);
        assertThatThrownBy(() -> resizer.apply(scaled))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("image 1")
                .hasMessageContaining("ImagePreprocessing.none()");
    }

    @Test
    void blackAndAlmostBlackImagesAreNotTakenForScaledOnes() {
        assertThat(resizer.apply(Nd4j.zeros(DataType.FLOAT, 1, 1, 4, 7))
                        .maxNumber()
                        .intValue())
                .isZero();
        assertThat(resizer.apply(Nd4j.ones(DataType.FLOAT, 1, 1, 4, 7))
                        .minNumber()
                        .intValue())
                .isOne();
    }

    @Test
    void sizesBelowOneAndBeyondAJavaArrayAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GrayToRgbResizer(0, 5))
                .withMessageContaining("0 x 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GrayToRgbResizer(5, 5, 28, -1))
                .withMessageContaining("28 x -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GrayToRgbResizer(100_000, 100_000))
                .withMessageContaining("100000 x 100000");
    }

    @Test
    void jsonKeepsTheSizes() {
        GrayToRgbResizer flat = new GrayToRgbResizer(224, 225, 28, 29);
        assertThat(flat.toJson())
                .isEqualTo("{\"kind\":\"gray-to-rgb-resizer\",\"version\":1,\"height\":224,\"width\":225,"
                        + "\"sourceHeight\":28,\"sourceWidth\":29}");
        assertThat(GrayToRgbResizer.fromJson(flat.toJson()))
                .isEqualTo(flat)
                .hasSameHashCodeAs(flat)
                .hasToString("GrayToRgbResizer[28 x 29 to 224 x 225]");
        assertThat(GrayToRgbResizer.fromJson(resizer.toJson()))
                .isEqualTo(resizer)
                .isNotEqualTo(flat)
                .hasToString("GrayToRgbResizer[6 x 5]");
    }

    @Test
    void jsonWithHalfASourceOrAForeignFieldIsRefused() {
        String json = "{\"kind\":\"gray-to-rgb-resizer\",\"version\":1,\"height\":2,\"width\":3,%s}";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GrayToRgbResizer.fromJson(json.formatted("\"sourceHeight\":4")))
                .withMessageContaining("4 x 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GrayToRgbResizer.fromJson(json.formatted("\"interpolation\":\"cubic\"")))
                .withMessageContaining("'interpolation'")
                .withMessageContaining("height, width, sourceHeight, sourceWidth");
    }

    /** ND4J's interface asks for it: a resizer travels with an iterator. */
    @Test
    void javaSerializationKeepsTheSizes() throws IOException, ClassNotFoundException {
        GrayToRgbResizer flat = new GrayToRgbResizer(6, 5, 4, 7);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(flat);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(flat);
        }
    }
}
