package org.transfer4j.dataset;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.download.DownloadProgress;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.error.DatasetException;
import org.transfer4j.error.ImageException;
import org.transfer4j.internal.image.TestImages;
import org.transfer4j.label.MultiHotLabelEncoder;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.preprocessing.Views;

/** Null is refused where it is handed over, by the name of the parameter. */
class NullArgumentsTest {
    private static final Path PATH = Path.of("images");
    private static final INDArray ARRAY = Nd4j.zeros(2, 3, 4, 4);
    private static final ImageDataset DATA = ImageDataset.of(ARRAY, List.of("a", "b"));
    private static final BatchSettings SETTINGS = BatchSettings.of(4, 4, ImagePreprocessing.none());

    static Stream<Arguments> calls() {
        DownloadSettings downloads = DownloadSettings.defaults();
        return Stream.of(
                call("root", () -> ImageDataset.folder(null)),
                call("broken", () -> ImageDataset.folder(PATH, null)),
                call("list", () -> ImageDataset.csv(null)),
                call("broken", () -> ImageDataset.csv(PATH, null)),
                call("images", () -> ImageDataset.idx(null, PATH)),
                call("labels", () -> ImageDataset.idx(PATH, null)),
                call("images", () -> ImageDataset.of(null, List.of("a"))),
                call("labels", () -> ImageDataset.of(ARRAY, (List<String>) null)),
                call("labels", () -> ImageDataset.of(ARRAY, (int[]) null)),
                call("images", () -> ImageDataset.encoded(null)),
                call("image", () -> ImageDataset.encoded(Arrays.asList((EncodedImage) null))),
                call("indices", () -> DATA.select((int[]) null)),
                call("settings", () -> DATA.batches(null)),
                call("views", () -> DATA.batches(null, SETTINGS)),
                call("settings", () -> DATA.batches(Views.none(), null)),
                call("images", () -> DATA.augmentedBatches(null, Augmentation.none(), i -> null, SETTINGS)),
                call("name", () -> EncodedImage.of(null, "a", new byte[1])),
                call("label", () -> EncodedImage.of("a", null, new byte[1])),
                call("bytes", () -> EncodedImage.of("a", "a", (byte[]) null)),
                call("content", () -> EncodedImage.of("a", "a", (Supplier<InputStream>) null)),
                call("preprocessing", () -> BatchSettings.of(4, 4, null)),
                call("list", () -> RegressionDataset.csv(null)),
                call("root", () -> RegressionDataset.folder(null, file -> 1)),
                call("target", () -> RegressionDataset.folder(PATH, null)),
                call("targets", () -> RegressionDataset.folder(PATH, BrokenImages.FAIL, null)),
                call("targets", () -> RegressionDataset.of(DATA, (double[]) null)),
                call("targets", () -> RegressionDataset.of(DATA, (double[][]) null)),
                call("targets", () -> RegressionDataset.of(ARRAY, (double[][]) null)),
                call("images", () -> RegressionDataset.of((ImageDataset) null, 1, 2)),
                call("names", () -> RegressionDataset.of(DATA, 1, 2).named((String[]) null)),
                call("list", () -> MultiLabelDataset.csv(null, "|", BrokenImages.FAIL)),
                call("separator", () -> MultiLabelDataset.of(DATA, (String) null)),
                call("labels", () -> MultiLabelDataset.of(DATA, (List<List<String>>) null)),
                call("labels of an image", () -> MultiLabelDataset.of(DATA, Arrays.asList(List.of("a"), null))),
                call("labels", () -> OneHotLabelEncoder.fit((List<String>) null)),
                call("policy", () -> OneHotLabelEncoder.ofClasses(2).withUnknown(null)),
                call("labels", () -> OneHotLabelEncoder.sortedClasses(null)),
                call("labels", () -> MultiHotLabelEncoder.fit((List<Collection<String>>) null)),
                call("classNames", () -> MultiHotLabelEncoder.ofClassNames(null)),
                call("folder", () -> downloads.withCacheFolder(null)),
                call("address", () -> downloads.withMirror(null)),
                call("addresses", () -> downloads.withMirrors((URI[]) null)),
                call("timeout", () -> downloads.withStallTimeout((Duration) null)),
                call("progress", () -> downloads.withProgress((DownloadProgress) null)),
                call("mean", () -> ImagePreprocessing.standardized(null, new float[3])));
    }

    private static Arguments call(String parameter, ThrowingCallable call) {
        return arguments(parameter, call);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void nullIsRefusedByTheParametersName(String parameter, ThrowingCallable call) {
        assertThatNullPointerException().isThrownBy(call).withMessage(parameter);
    }

    @Test
    void whatCallersGiveLaterIsNotNullEither(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> ImageDataset.encoded(List.of(EncodedImage.of("b", "y", () -> null)))
                        .image(0))
                .isInstanceOf(ImageException.class)
                .hasMessage("b: can't be read: a stream is needed, but null was opened");
        assertThatThrownBy(() -> RegressionDataset.of(DATA, new double[2][]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("row 0 ")
                .hasMessageEndingWith("an image has a number for each of [target], but got null");
        Path file = Files.write(folder.resolve("a.png"), TestImages.encode(".png", TestImages.gray(4, 4)));
        assertThatThrownBy(() -> RegressionDataset.folder(folder, BrokenImages.SKIP, any -> null))
                .isInstanceOf(DatasetException.class)
                .hasMessage(file + ": its number can't be told: the function gave null");
    }
}
