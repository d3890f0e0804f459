package consumer;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.label.OneHotLabelEncoder;
import org.transfer4j.preprocessing.GrayToRgbResizer;

/** An application that has ND4J and wants images for it: no DL4J network is on its class path. */
public final class Main {
    public static void main(String[] args) {
        check(!System.getProperty("java.class.path").contains("deeplearning4j-nn"), "DL4J's networks came along");

        ImageDataset digits = SampleDatasets.digits();
        OneHotLabelEncoder encoder = OneHotLabelEncoder.ofClasses(10);
        DataSet data = new DataSet(digits.image(0), encoder.encode(List.of(digits.label(0))));
        new GrayToRgbResizer(224, 224).preProcess(data);
        INDArray features = data.getFeatures();
        check(List.of(1L, 3L, 224L, 224L).equals(boxed(features.shape())), "wrong shape");
        check(encoder.decode(data.getLabels()).equals(List.of(digits.label(0))), "wrong label");
        System.out.println("consumer of transfer4j-preprocessing: all well");
    }

    private static List<Long> boxed(long[] shape) {
        return java.util.Arrays.stream(shape).boxed().toList();
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }
}
