package org.transfer4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.transfer4j.internal.probe.FeatureMatrix;
import org.transfer4j.internal.probe.FeatureMatrix.LinearLayer;
import org.transfer4j.internal.probe.LogisticProbe;
import org.transfer4j.internal.probe.LogisticProbe.RemoteImages;
import org.transfer4j.spark.ComputedRows.FeatureBytes;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** What executors add up is what one machine finds, whatever the partitions. */
class RemoteFeaturesTest {
    private static final int IMAGES = 75;
    private static final int WIDTH = 3;
    private static final int BLOCK = 16;
    private static final double[] WEIGHTS = {1, 2, 1};
    private static final StructType SCHEMA = new StructType()
            .add(LabelledRows.KEY, DataTypes.IntegerType)
            .add(LabelledRows.LABEL, DataTypes.DoubleType)
            .add(ComputedRows.FEATURES, DataTypes.BinaryType);

    private static SparkSession spark;
    private static float[][] features;
    private static int[] labels;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        Random random = new Random(1);
        labels = IntStream.range(0, IMAGES).map(i -> random.nextInt(3)).toArray();
        features = new float[IMAGES][WIDTH];
        for (int i = 0; i < IMAGES; i++) {
            for (int j = 0; j < WIDTH; j++) {
                features[i][j] = (float) (random.nextGaussian() + (j == labels[i] ? 1 : 0) + 10 * j);
            }
        }
    }

    @AfterEach
    void reset() {
        spark.conf().set("spark.sql.shuffle.partitions", "2");
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static LogisticProbe.Learned learned(int partitions, String shuffled, int blockRows) {
        spark.conf().set("spark.sql.shuffle.partitions", shuffled);
        FeatureBytes bytes = new FeatureBytes();
        List<Row> rows = IntStream.range(0, IMAGES)
                .map(i -> (i * 31 + 7) % IMAGES)
                .mapToObj(i -> RowFactory.create(i, (double) labels[i], bytes.of(features[i])[0]))
                .toList();
        Dataset<Row> data = spark.createDataFrame(rows, SCHEMA).repartition(partitions);
        Labels classes = Labels.of(Labels.Kind.INDEX, SCHEMA.apply(LabelledRows.LABEL), List.of(0.0, 1.0, 2.0));
        try (RemoteFeatures images = RemoteFeatures.of(data, classes, WIDTH, blockRows)) {
            assertThat(images.labels()).isEqualTo(labels);
            return LogisticProbe.learn(images, images.labels(), WEIGHTS);
        }
    }

    private static void assertClose(LinearLayer some, LinearLayer others, double tolerance) {
        for (int c = 0; c < 3; c++) {
            assertThat(some.weights()[c]).containsExactly(others.weights()[c], within(tolerance));
        }
        assertThat(some.bias()).containsExactly(others.bias(), within(10 * tolerance));
    }

    @Test
    void findsWhatOneMachineFinds() {
        LogisticProbe.Learned there = learned(3, "2", BLOCK);
        try (INDArray all = Nd4j.createFromArray(features);
                FeatureMatrix matrix = FeatureMatrix.of(List.of(all))) {
            LogisticProbe.Learned here = LogisticProbe.learn(matrix, labels, WEIGHTS);
            assertThat(there.strength()).isEqualTo(here.strength());
            assertThat(there.accuracies()).isEqualTo(here.accuracies());
            assertClose(there.layer(), here.layer(), 1e-4);
        }
    }

    /** More partitions are added up by two levels of a tree. */
    @Test
    void whatIsToldMayBeSentByKryo() {
        RemoteImages.Known known = new RemoteImages.Known(
                new double[] {1}, new double[] {2}, new int[] {0}, new int[] {1}, new double[] {3});
        SerializerInstance kryo = new KryoSerializer(new SparkConf()).newInstance();
        ClassTag<RemoteFeatures.Told> type = ClassTag$.MODULE$.apply(RemoteFeatures.Told.class);
        RemoteFeatures.Told sent = kryo.deserialize(kryo.serialize(new RemoteFeatures.Told(known), type), type);
        assertThat(sent.known().deviations()).containsExactly(2);
        assertThat(sent.known().parts()).containsExactly(1);
    }

    @Test
    void partitionsChangeNothing() {
        LogisticProbe.Learned one = learned(1, "1", BLOCK);
        LogisticProbe.Learned many = learned(7, "33", BLOCK);
        assertThat(many.strength()).isEqualTo(one.strength());
        assertClose(many.layer(), one.layer(), 1e-8);
    }
}
