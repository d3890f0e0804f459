package org.transfer4j.internal.evaluate;

import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.error.DatasetException;
import org.transfer4j.evaluation.EvaluationAccumulator;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.LabelThreshold;
import org.transfer4j.evaluation.MultiLabelAccumulator;
import org.transfer4j.evaluation.MultiLabelReport;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.internal.chart.Thumbnails;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.Target;
import org.transfer4j.internal.fitted.Answering;
import org.transfer4j.internal.fitted.PlacedImages;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.preprocessing.Views;

/** Answers to a dataset's images beside what is right for them. */
public final class Evaluation {
    private static final String WHAT = "evaluation data";

    /** So many images are counted at once. */
    private static final int BATCH = PlacedImages.MOST;

    private Evaluation() {}

    /** Does something with the outputs of some images. */
    private interface Counting {
        void count(int from, int to, INDArray outputs);
    }

    /**
     * Compares with labels, one an image.
     *
     * @throws IllegalArgumentException if an image may have several
     * @throws DatasetException if the data is empty, or has a class that was not learned
     */
    public static EvaluationReport of(Answering answering, ImageDataset data, Views views) {
        if (answering.kind() == AnswerKind.LABELS) {
            throw new IllegalArgumentException(
                    "this classifier gives each image several labels: evaluate it on a MultiLabelDataset");
        }
        if (data.size() == 0) {
            throw new DatasetException(null, "an evaluation needs 1 image or more, got an empty dataset");
        }
        DatasetSource source = DatasetSource.of(data, answering.classNames(), WHAT);
        EvaluationAccumulator report = new EvaluationAccumulator(answering.classNames());
        count(
                answering.outputs(data, views),
                (from, to, outputs) -> report.add(outputs, labels(source, IntStream.range(from, to))));
        return report.report(data::sourceOf, new Thumbnails(data));
    }

    /** What is right for some images that have one class each. */
    public static int[] labels(DatasetSource source, IntStream images) {
        return images.map(image -> ((Target.OneClass) source.target(image)).index())
                .toArray();
    }

    /**
     * Compares with labels, any number an image.
     *
     * @param thresholds of the labels, empty for one half
     * @throws IllegalArgumentException if an image has one
     * @throws DatasetException if the data has a class that was not learned
     */
    public static MultiLabelReport of(
            Answering answering, MultiLabelDataset data, Views views, List<LabelThreshold> thresholds) {
        if (answering.kind() != AnswerKind.LABELS) {
            throw new IllegalArgumentException(
                    "this classifier gives each image one label: evaluate it on an ImageDataset");
        }
        DatasetSource source = DatasetSource.of(data, answering.classNames(), WHAT);
        MultiLabelAccumulator report = new MultiLabelAccumulator(answering.classNames());
        count(answering.outputs(data.images(), views), (from, to, outputs) -> {
            float[][] labels = IntStream.range(from, to)
                    .mapToObj(i -> ((Target.SeveralClasses) source.target(i)).row())
                    .toArray(float[][]::new);
            try (INDArray actual = Nd4j.createFromArray(labels)) {
                report.add(outputs, actual);
            }
        });
        MultiLabelReport all = thresholds.isEmpty()
                ? report.report()
                : report.report(
                        thresholds.stream().map(LabelThreshold::threshold).toList());
        return all.withImages(data.images()::sourceOf, new Thumbnails(data.images()));
    }

    private static void count(List<float[]> outputs, Counting counting) {
        for (int from = 0; from < outputs.size(); from += BATCH) {
            int to = Math.min(outputs.size(), from + BATCH);
            try (INDArray some = Nd4j.createFromArray(outputs.subList(from, to).toArray(float[][]::new))) {
                counting.count(from, to, some);
            }
        }
    }

    /**
     * Compares with numbers.
     *
     * @throws DatasetException if the data has other targets
     */
    public static RegressionReport of(Answering answering, RegressionDataset data, Views views) {
        DatasetSource.columns(data, answering.classNames(), WHAT);
        return report(answering.classNames(), answering.outputs(data.images(), views), data);
    }

    /** Compares what was predicted, in the order of the data. */
    public static RegressionReport report(List<String> names, List<float[]> numbers, RegressionDataset data) {
        int[] columns = DatasetSource.columns(data, names, WHAT);
        double[][] predicted = new double[data.size()][columns.length];
        double[][] actual = new double[data.size()][columns.length];
        for (int i = 0; i < predicted.length; i++) {
            double[] own = data.targets(i);
            for (int t = 0; t < columns.length; t++) {
                predicted[i][t] = numbers.get(i)[t];
                actual[i][t] = own[columns[t]];
            }
        }
        return RegressionReport.of(names, predicted, actual)
                .withImages(data.images()::sourceOf, new Thumbnails(data.images()));
    }
}
