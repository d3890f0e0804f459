package org.transfer4j.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/** Opens files as the driver would: Hadoop's configuration, which can't be sent as it is. */
final class HadoopFiles implements Serializable {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // a HashMap
    private final Map<String, String> settings;

    /** Made of the settings by whoever is asked first; the same one in all threads, since it is costly. */
    private transient volatile Configuration configuration;

    private HadoopFiles(Configuration configuration) {
        this.configuration = configuration;
        this.settings = new HashMap<>();
        configuration.forEach(setting -> settings.put(setting.getKey(), setting.getValue()));
    }

    static HadoopFiles of(SparkSession session) {
        return new HadoopFiles(session.sessionState().newHadoopConf());
    }

    /** For tasks, which need not unpack hundreds of settings each. */
    static Broadcast<HadoopFiles> broadcast(SparkSession session) {
        return JavaSparkContext.fromSparkContext(session.sparkContext()).broadcast(of(session));
    }

    InputStream open(String path) throws IOException {
        Path file = new Path(path);
        return file.getFileSystem(configuration()).open(file);
    }

    private Configuration configuration() {
        Configuration known = configuration;
        if (known == null) {
            known = new Configuration(false);
            settings.forEach(known::set);
            configuration = known;
        }
        return known;
    }
}
