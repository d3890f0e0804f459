"""Transfer4J's stages of Spark ML for PySpark.

    from org.transfer4j.spark import ImageFeaturizer, TransferModel

It is in the jar, which spark-submit --packages puts on Python's path, too; with --jars name the jar in --py-files as well.
Each class is that of Java of the same name, whose Javadoc says what its parameters are; they are asked of it, so that this file
needs no list of them. Values are given to the constructor, or set by Spark ML's own set(stage.inputCol, "path"). Spark Connect,
which has no JVM beside Python, can't use them.
"""

from pyspark import SparkContext
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaTransformer

__all__ = ["ImageFeaturizer", "TransferEstimator", "TransferModel"]


class _OfJava:
    def _made(self, values):
        # this module has the name of Java's package, by which Spark's readers find both
        self._java_obj = self._new_java_obj(__name__ + "." + type(self).__name__, self.uid)
        self._create_params_from_java()
        self._transfer_params_from_java()
        self._set(**values)


class ImageFeaturizer(_OfJava, JavaTransformer, JavaMLReadable, JavaMLWritable):
    """A vector of each image of a column: ImageFeaturizer(extractor="hdfs:///features.t4j").transform(files)."""

    def __init__(self, **values):
        super().__init__()
        self._made(values)


class TransferModel(JavaModel, JavaMLReadable, JavaMLWritable):
    """A classifier: TransferModel.of("photos.t4j").transform(files)."""

    @classmethod
    def of(cls, path):
        """Takes the file, on the driver's disk, of a classifier that was trained on one machine."""
        jvm = SparkContext._active_spark_context._jvm
        classifier = jvm.org.transfer4j.ImageClassifier.load(jvm.java.io.File(path).toPath())
        try:
            return cls._from_java(jvm.org.transfer4j.spark.TransferModel.of(classifier))
        finally:
            classifier.close()

    def save_classifier(self, path):
        """Writes the classifier into a file on the driver's disk, for one machine."""
        classifier = self._java_obj.toClassifier()
        try:
            classifier.save(SparkContext._active_spark_context._jvm.java.io.File(path).toPath())
        finally:
            classifier.close()

    @property
    def class_names(self):
        """The classes, in the order of the probabilities."""
        return list(self._java_obj.classNames())


class TransferEstimator(_OfJava, JavaEstimator, JavaMLReadable, JavaMLWritable):
    """Trains a head on the vectors of a column of images: TransferEstimator(extractor=..., labelCol=...).fit(files)."""

    def __init__(self, **values):
        super().__init__()
        self._made(values)

    def _create_model(self, java_model):
        return TransferModel._from_java(java_model)
