package org.transfer4j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.image.TestImages.GrayAlpha;

class DecodedImageTest {
    private static final ImageOrigin ORIGIN = ImageOrigin.named("image 7");

    private static INDArray roundTrip(INDArray image) {
        try (DecodedImage decoded = DecodedImage.of(image, ORIGIN)) {
            return decoded.toArray();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE", "HALF", "INT", "LONG", "UBYTE"})
    void takesAnyNumberType(DataType type) {
        INDArray image = Nd4j.arange(12).muli(10).reshape(3, 2, 2).castTo(type);
        INDArray result = roundTrip(image);
        assertThat(result.dataType()).isEqualTo(DataType.FLOAT);
        assertThat(result.shape()).containsExactly(1, 3, 2, 2);
        assertThat(result.data().asInt()).containsExactly(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110);
    }

    @Test
    void takesViewsAndBatchesOfOne() {
        INDArray image = Nd4j.arange(12).reshape(3, 2, 2);
        INDArray transposed = image.permute(0, 2, 1);
        assertThat(roundTrip(transposed).data().asInt()).containsExactly(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11);
        assertThat(roundTrip(image.reshape(1, 3, 2, 2))).isEqualTo(roundTrip(image));
    }

    @Test
    void copiesWhatItTakes() {
        INDArray image = Nd4j.zeros(1, 2, 2);
        try (DecodedImage decoded = DecodedImage.of(image, ORIGIN)) {
            image.assign(9);
            assertThat(decoded.toArray().sumNumber().intValue()).isZero();
        }
    }

    @Test
    void outlivesTheWorkspaceOfItsCaller() {
        DecodedImage decoded;
        try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager()
                .getAndActivateWorkspace(
                        WorkspaceConfiguration.builder().initialSize(1 << 16).build(), "ArrayImageTest")) {
            decoded = DecodedImage.of(Nd4j.ones(DataType.DOUBLE, 1, 2, 2), ORIGIN);
            assertThat(workspace.isScopeActive()).isTrue();
        }
        assertThat(decoded.toArray().sumNumber().intValue()).isEqualTo(4);
        decoded.close();
    }

    @Test
    void refusesOtherShapesByName() {
        for (INDArray array : new INDArray[] {
            Nd4j.zeros(2, 2), Nd4j.zeros(2, 4, 4), Nd4j.zeros(2, 3, 4, 4), Nd4j.zeros(4, 4, 3), Nd4j.zeros(1, 4, 4, 3)
        }) {
            assertThatThrownBy(() -> DecodedImage.of(array, ORIGIN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("image 7")
                    .hasMessageContaining(java.util.Arrays.toString(array.shape()));
        }
    }

    private static INDArray array(BufferedImage image) {
        try (DecodedImage decoded = DecodedImage.of(image, ImageOrigin.UNNAMED)) {
            return decoded.toArray();
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_4BYTE_ABGR
            })
    void everyKindOfColorBecomesRedGreenBlue(int type) {
        BufferedImage image = new BufferedImage(3, 2, type);
        image.setRGB(2, 1, new Color(10, 130, 250).getRGB());
        INDArray array = array(image);
        assertThat(array.shape()).containsExactly(1, 3, 2, 3);
        assertThat(array.getInt(0, 0, 1, 2)).isEqualTo(10);
        assertThat(array.getInt(0, 1, 1, 2)).isEqualTo(130);
        assertThat(array.getInt(0, 2, 1, 2)).isEqualTo(250);
        assertThat(array.getInt(0, 0, 0, 0)).isZero();
    }

    @Test
    void everyGrayValueIsKept() {
        BufferedImage image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < 256; x++) {
            image.getRaster().setSample(x, 0, 0, x);
        }
        INDArray array = array(image);
        assertThat(array.shape()).containsExactly(1, 1, 1, 256);
        for (int x = 0; x < 256; x++) {
            assertThat(array.getInt(0, 0, 0, x)).isEqualTo(x);
        }
    }

    @Test
    void deepGrayLosesItsLowerBits() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSample(0, 0, 0, 0x12FF);
        assertThat(array(image).getInt(0)).isEqualTo(0x12);
    }

    @Test
    void grayWithAlphaStaysGray() {
        INDArray array = array(GrayAlpha.image(new int[] {10, 255, 200, 0}));
        assertThat(array.shape()).containsExactly(1, 1, 1, 2);
        assertThat(array.data().asInt()).containsExactly(10, 200);
    }

    @Test
    void partsOfImagesAreTakenWhereTheyLie() {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(2, 3, 0, 99);
        assertThat(array(image.getSubimage(2, 3, 1, 1)).getInt(0)).isEqualTo(99);
    }

    @Test
    void theFileGivesTheSame() throws IOException {
        try (Mat pixels = TestImages.mat(2, 2, 3, false, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)) {
            byte[] png = TestImages.encode(".png", pixels);
            try (DecodedImage decoded = ImageDecoder.decode(png, ImageOrigin.UNNAMED)) {
                assertThat(array(ImageIO.read(new ByteArrayInputStream(png)))).isEqualTo(decoded.toArray());
            }
        }
    }
}
