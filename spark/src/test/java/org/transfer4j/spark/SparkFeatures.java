package org.transfer4j.spark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.transfer4j.TransferLearner;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.SampleDatasets;
import org.transfer4j.head.Head;

/**
 * An example: vectors of all photos of a folder (a folder for each class), or of the handwritten digits that come with the
 * library, computed by Spark and kept as Parquet; and a classifier of Spark ML's that learns from them. Beside the module, so
 * that the examples' downloads do not grow.
 */
final class SparkFeatures {
    private SparkFeatures() {}

    /**
     * Runs the example, on all cores of this machine where {@code spark-submit} names no cluster.
     *
     * @param arguments the folder for the vectors, which is written anew, and that of the photos, which may be left out
     * @throws IOException if the digits can't be written
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 1 || arguments.length > 2) {
            throw new IllegalArgumentException("arguments: VECTORS.parquet [PHOTOS]");
        }
        SparkConf settings = new SparkConf()
                .setAppName("SparkFeatures")
                .setIfMissing("spark.master", "local[*]")
                .setIfMissing("spark.ui.enabled", "false");
        String photos = arguments.length == 2
                ? arguments[1]
                : digits(Path.of(arguments[0]).resolveSibling("digits")).toString();
        try (SparkSession spark = SparkSession.builder().config(settings).getOrCreate()) {
            TransferLearner learner = TransferLearner.tinyResNet().head(Head.globalAveragePooling());
            run(spark, learner, photos, arguments[0], System.out);
        }
    }

    /** Writes the bundled digits as files, a folder for each class. */
    static Path digits(Path folder) throws IOException {
        ImageDataset digits = SampleDatasets.digits();
        for (int i = 0; i < digits.size(); i++) {
            Path file = folder.resolve(digits.classNames().get(digits.classIndex(i)))
                    .resolve(i + ".png");
            Files.createDirectories(file.getParent());
            Files.write(file, LocalSpark.png(digits, i));
        }
        return folder;
    }

    /**
     * Computes vectors, and learns from four fifths of them.
     *
     * @return the accuracy on the others
     */
    static double run(SparkSession spark, TransferLearner learner, String photos, String kept, PrintStream out) {
        Dataset<Row> files = spark.read()
                .format("binaryFile")
                .option("recursiveFileLookup", "true")
                .load(photos)
                .withColumn("class", functions.expr("element_at(split(path, '/'), -2)"));
        ImageFeaturizer.of(learner)
                .transform(files)
                .drop("content")
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(kept);

        Dataset<Row> vectors = spark.read().parquet(kept);
        Dataset<Row> broken = vectors.filter("error is not null");
        out.printf(Locale.ROOT, "Images: %d, of which %d can't be used%n", vectors.count(), broken.count());
        broken.select("path", "error").limit(10).collectAsList().forEach(out::println);

        // the same files for the test in each run, on any machine and in any partition
        String tested = "crc32(substring_index(path, '/', -2)) % 5 = 0";
        Dataset<Row> good = vectors.filter("error is null");
        PipelineModel classifier = new Pipeline()
                .setStages(new PipelineStage[] {
                    new StringIndexer().setInputCol("class").setOutputCol("label"),
                    new LogisticRegression().setRegParam(1e-3)
                })
                .fit(good.filter("not " + tested));
        double accuracy = new MulticlassClassificationEvaluator()
                .setMetricName("accuracy")
                .evaluate(classifier.transform(good.filter(tested)));
        out.printf(Locale.ROOT, "Accuracy: %.4f%n", accuracy);
        return accuracy;
    }
}
