package org.transfer4j.spark;

import java.io.Serializable;
import java.util.function.LongFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows of images that executors make themselves, so that none has to be sent. */
final class ManyImages {
    /** As many different pictures there are; a row's is that of its id's remainder. */
    static final int PICTURES = 16;

    private static final StructType SCHEMA =
            new StructType().add("id", DataTypes.LongType).add("content", DataTypes.BinaryType);

    private ManyImages() {}

    /** What an image's row has, by its id. */
    interface Content extends LongFunction<byte[]>, Serializable {}

    static Dataset<Row> of(SparkSession spark, long count, int partitions) {
        return of(spark, count, partitions, ManyImages::picture);
    }

    static Dataset<Row> of(SparkSession spark, long count, int partitions, Content content) {
        MapFunction<Long, Row> row = id -> RowFactory.create(id, content.apply(id));
        return spark.range(0, count, 1, partitions).map(row, Encoders.row(SCHEMA));
    }

    static byte[] picture(long id) {
        return LocalSpark.png((int) (id % PICTURES));
    }
}
