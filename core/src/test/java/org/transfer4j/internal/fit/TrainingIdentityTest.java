package org.transfer4j.internal.fit;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.head.Head;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.internal.tail.UpdaterState;
import org.transfer4j.internal.trunk.AlgorithmChoices.Algorithm;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.Border;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.EpochRecord;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Metric;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.Schedule;
import org.transfer4j.training.TrainingHistory;

/** Every component of the settings is a part of a training's identity, or is named, with a reason, as none. */
class TrainingIdentityTest {
    private static final LearnedStart START = new LearnedStart(
            Map.of(),
            List.of("a", "b"),
            List.of("a", "b"),
            TrainingHistory.empty(),
            Optimizer.adam(1),
            new UpdaterState(1, 1, Map.of()),
            false,
            false);

    private static final TrainingIdentity IDENTITY = new TrainingIdentity(
            "1.0",
            Settings.of(TinyBackbones.plain()),
            "topology",
            "weights",
            Optional.of(START),
            List.of("a", "b"),
            false,
            "images",
            "none");

    /** Another value for each component. */
    private static final Map<String, Object> OTHERS = new LinkedHashMap<>();

    static {
        OTHERS.put("TrainingIdentity.libraryVersion", "1.1");
        OTHERS.put("TrainingIdentity.topology", "another");
        OTHERS.put("TrainingIdentity.startingWeights", "others");
        OTHERS.put("TrainingIdentity.start", Optional.empty());
        OTHERS.put("TrainingIdentity.classes", List.of("a", "c"));
        OTHERS.put("TrainingIdentity.trainedByDl4j", true);
        OTHERS.put("TrainingIdentity.trainingImages", "others");
        OTHERS.put("TrainingIdentity.validationImages", "others");
        OTHERS.put(
                "Settings.keeping",
                new Settings.Keeping(
                        Optional.empty(),
                        Optional.empty(),
                        List.of(new FitListener() {}),
                        List.of(new BaseTrainingListener() {})));
        OTHERS.put("StartingPoint.backbone", TinyBackbones.residual());
        OTHERS.put("StartingPoint.weights", Weights.file(Path.of("other")));
        OTHERS.put("StartingPoint.start", Optional.of(START));
        OTHERS.put("StartingPoint.droppedClasses", List.of("a"));
        OTHERS.put("NetworkSettings.height", 17);
        OTHERS.put("NetworkSettings.width", 17);
        OTHERS.put("NetworkSettings.head", Head.flatten().dense(3));
        OTHERS.put("NetworkSettings.freeze", Freeze.NONE);
        OTHERS.put("Computation.precision", Precision.BFLOAT16);
        OTHERS.put("Computation.batchStatistics", Optional.of(true));
        OTHERS.put("AlgorithmChoices.measured", true);
        OTHERS.put("AlgorithmChoices.recorded", Map.of("conv1", Algorithm.WINOGRAD));
        OTHERS.put("Data.preprocessing", ImagePreprocessing.torch());
        OTHERS.put("Data.augmentation", Augmentation.digits());
        OTHERS.put("Data.cachedVariants", 5);
        OTHERS.put("Data.validation", Optional.of(new LearningData.OneLabel(Pictures.dataset(4))));
        OTHERS.put("Data.validationSplit", 0.5);
        OTHERS.put("Data.seed", 43L);
        OTHERS.put("TrainingSettings.byDefault", false);
        OTHERS.put("TrainingSettings.optimizer", Optimizer.adam(0.5));
        OTHERS.put("Objective.loss", Optional.of(Loss.focal(2)));
        OTHERS.put("Objective.classWeights", ClassWeights.of(Map.of("a", 2.0)));
        OTHERS.put("Course.phases", List.of(Phase.all()));
        OTHERS.put("Course.epochs", OptionalInt.of(3));
        OTHERS.put("Course.batchSize", 33);
        OTHERS.put("KeptWeights.earlyStopping", Optional.of(EarlyStopping.patience(2)));
        OTHERS.put("KeptWeights.averageDecay", OptionalDouble.of(0.5));
        OTHERS.put("LearnedStart.parameters", Map.of("conv1", Map.of("W", Nd4j.ones(2))));
        OTHERS.put("LearnedStart.learned", List.of("a", "c"));
        OTHERS.put("LearnedStart.classNames", List.of("a", "c"));
        OTHERS.put(
                "LearnedStart.history",
                TrainingHistory.of(List.of(EpochRecord.builder(1).build())));
        OTHERS.put("LearnedStart.optimizer", Optimizer.adam(2));
        OTHERS.put("LearnedStart.memory", new UpdaterState(2, 1, Map.of()));
        OTHERS.put("LearnedStart.batchStatistics", true);
        OTHERS.put("LearnedStart.regression", true);
    }

    static List<String> components() {
        List<String> names = new ArrayList<>();
        collect(IDENTITY, names);
        return names;
    }

    private static void collect(Record value, List<String> names) {
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            Object part = part(value, component);
            boolean optional = part instanceof Optional<?> some && some.orElse(null) instanceof Record;
            if (optional || !isTakenApart(value, component, part)) {
                names.add(name(value, component));
            }
            if (optional && !TrainingIdentity.NO_PART.containsKey(name(value, component))) {
                collect((Record) ((Optional<?>) part).orElseThrow(), names);
            } else if (isTakenApart(value, component, part)) {
                collect((Record) part, names);
            }
        }
    }

    private static boolean isTakenApart(Record value, RecordComponent component, Object part) {
        return part instanceof Record
                && !(part instanceof Freeze)
                && !TrainingIdentity.NO_PART.containsKey(name(value, component));
    }

    private static String name(Record value, RecordComponent component) {
        return value.getClass().getSimpleName() + "." + component.getName();
    }

    private static Object part(Record value, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a record or field can't be read", e);
        }
    }

    /** The same with another value for one component, however deep it is. */
    private static Record with(Record value, String name) {
        RecordComponent[] components = value.getClass().getRecordComponents();
        Object[] parts = new Object[components.length];
        for (int i = 0; i < parts.length; i++) {
            Object part = part(value, components[i]);
            if (name(value, components[i]).equals(name)) {
                parts[i] = OTHERS.get(name);
            } else if (part instanceof Record nested && !(part instanceof Weights.Pretrained)) {
                parts[i] = with(nested, name);
            } else if (part instanceof Optional<?> some && some.orElse(null) instanceof Record nested) {
                parts[i] = Optional.of(with(nested, name));
            } else {
                parts[i] = part;
            }
        }
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new);
            Constructor<?> constructor = value.getClass().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return (Record) constructor.newInstance(parts);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("a record or field can't be read", e);
        }
    }

    @ParameterizedTest
    @MethodSource("components")
    void eachComponentIsAPartOrIsNamedAsNone(String component) {
        assertThat(OTHERS).as("the test knows another value").containsKey(component);
        String before = IDENTITY.toJson().toString();
        String after = ((TrainingIdentity) with(IDENTITY, component)).toJson().toString();

        if (TrainingIdentity.NO_PART.containsKey(component)) {
            assertThat(after).isEqualTo(before);
            assertThat(TrainingIdentity.NO_PART.get(component)).isNotBlank();
        } else {
            assertThat(after).isNotEqualTo(before);
        }
    }

    @Test
    void whatIsNamedIsThere() {
        assertThat(components()).doesNotHaveDuplicates().containsAll(TrainingIdentity.NO_PART.keySet());
        assertThat(components()).containsExactlyInAnyOrderElementsOf(OTHERS.keySet());
    }

    /** What checkpoints hold, to the byte: one of before is gone on from. */
    @Test
    void itsJsonIsThatOfCheckpointsOfBefore() {
        Settings settings = IDENTITY.settings();
        TrainingIdentity told = new TrainingIdentity(
                "1.0",
                settings.with(settings.network()
                                .withFreeze(Freeze.upTo("conv1"))
                                .withPrecision(Precision.BFLOAT16))
                        .with(settings.data()
                                .withAugmentation(Augmentation.digits())
                                .withPreprocessing(ImagePreprocessing.torch())
                                .withValidation(0.25))
                        .with(settings.training()
                                .withOptimizer(Optimizer.sgd(0.5).momentum(0.9))
                                .withLoss(Optional.of(Loss.focal(2)))
                                .withClassWeights(ClassWeights.of(Map.of("a", 2.0)))
                                .withPhases(List.of(Phase.head().epochs(2), Phase.all()))
                                .withEpochs(OptionalInt.of(3))
                                .withBatchSize(16)
                                .withEarlyStopping(Optional.of(EarlyStopping.patience(2)))
                                .withAverageDecay(OptionalDouble.of(0.5))),
                "topology",
                "weights",
                Optional.empty(),
                List.of("a", "b"),
                true,
                "images",
                "none");

        assertThat(IDENTITY.toJson()).hasToString("""
                {"libraryVersion":"1.0","settings":{"network":{"origin":{"backbone":"plain"},"height":16,"width":16,\
                "head":"Flatten[] > Softmax[classes of the data]","freeze":"backbone frozen",\
                "computation":{"precision":"FLOAT32","algorithms":{"measured":false,"recorded":{}},\
                "batchStatistics":null}},"data":{"preprocessing":{"kind":"image-preprocessing","version":1,\
                "mode":"unit"},"augmentation":"border(REFLECT)","cachedVariants":4,"validationSplit":0.0,"seed":42},\
                "training":{"byDefault":true,"optimizer":"Adam(0.001)","loss":null,"classWeights":{},"phases":[],\
                "epochs":null,"batchSize":32,"earlyStopping":null,"averageDecay":null}},"topology":"topology",\
                "startingWeights":"weights","start":{"learned":["a","b"],"classNames":["a","b"],\
                "history":{"version":1,"epochs":[]},"batchStatistics":false,"regression":false},"classes":["a","b"],\
                "trainedByDl4j":false,"trainingImages":"images","validationImages":"none"}""");
        assertThat(told.toJson()).hasToString("""
                {"libraryVersion":"1.0","settings":{"network":{"origin":{"backbone":"plain"},"height":16,"width":16,\
                "head":"Flatten[] > Softmax[classes of the data]","freeze":"frozen up to conv1",\
                "computation":{"precision":"BFLOAT16","algorithms":{"measured":false,"recorded":{}},\
                "batchStatistics":null}},"data":{"preprocessing":{"kind":"image-preprocessing","version":1,\
                "mode":"torch"},\
                "augmentation":"rotation(10.0), translation(0.1), zoom(0.9, 1.1), border(REPLICATE)",\
                "cachedVariants":4,"validationSplit":0.25,"seed":42},"training":{"byDefault":false,\
                "optimizer":"SGD(0.5, momentum 0.9)","loss":"focal loss, gamma 2.0","classWeights":{"a":2.0},\
                "phases":["head, epochs 2, learning rate factor 1.0, blocks 1.0",\
                "all, learning rate factor 1.0, blocks 1.0"],"epochs":3,"batchSize":16,\
                "earlyStopping":"patience 2, VALIDATION_LOSS, minimum delta 0.0","averageDecay":0.5}},\
                "topology":"topology","startingWeights":"weights","start":null,"classes":["a","b"],\
                "trainedByDl4j":true,"trainingImages":"images","validationImages":"none"}""");
    }

    @Test
    void itIsCanonical() {
        Map<String, Double> one = new LinkedHashMap<>();
        one.put("a", 2.0);
        one.put("b", 3.0);
        Map<String, Double> other = new LinkedHashMap<>();
        other.put("b", 3.0);
        other.put("a", 2.0);
        OTHERS.put("Objective.classWeights", ClassWeights.of(one));
        String first = ((TrainingIdentity) with(IDENTITY, "Objective.classWeights"))
                .toJson()
                .toString();
        OTHERS.put("Objective.classWeights", ClassWeights.of(other));
        assertThat(((TrainingIdentity) with(IDENTITY, "Objective.classWeights")).toJson())
                .hasToString(first);
    }

    @Test
    void whatIsLeftOpenIsTheSameAsWhenItIsNamed() {
        Settings open = IDENTITY.settings();
        Settings named = open.with(open.network()
                        .withHead(open.network().head().classes(2))
                        .withBatchStatistics(false))
                .with(open.training().withLoss(Optional.of(Loss.crossEntropy())));
        assertThat(identity(open)).isEqualTo(identity(named));
        assertThat(identity(
                        open.with(open.network().with(open.network().origin().withWeights(Weights.random())))))
                .as("batch normalization of random weights learns its statistics")
                .isNotEqualTo(identity(open));
    }

    private static String identity(Settings settings) {
        return new TrainingIdentity(
                        "1.0",
                        settings.settled(2),
                        "topology",
                        "weights",
                        Optional.empty(),
                        List.of("a", "b"),
                        false,
                        "images",
                        "none")
                .toJson()
                .toString();
    }

    static Stream<List<Object>> saidInWords() {
        return Stream.of(
                List.of(
                        Augmentation.none(),
                        Augmentation.none().randomResizedCrop(0.5),
                        Augmentation.none().horizontalFlip(),
                        Augmentation.none().verticalFlip(),
                        Augmentation.none().rotation(10),
                        Augmentation.none().translation(0.1),
                        Augmentation.none().zoom(0.9, 1),
                        Augmentation.none().zoom(1, 1.1),
                        Augmentation.none().crop(2),
                        Augmentation.none().border(Border.REPLICATE),
                        Augmentation.none().brightness(0.1),
                        Augmentation.none().contrast(0.1),
                        Augmentation.none().randomErasing(0.1),
                        Augmentation.none().mixUp(0.1),
                        Augmentation.none().cutMix(0.1)),
                List.of(
                        EarlyStopping.patience(1),
                        EarlyStopping.patience(2),
                        EarlyStopping.patience(1).monitor(Metric.LOSS),
                        EarlyStopping.patience(1).minimumDelta(0.1)),
                List.of(Freeze.ALL, Freeze.NONE, Freeze.upTo("a"), Freeze.upTo("b")),
                List.of(
                        Head.flatten(),
                        Head.globalAveragePooling(),
                        Head.flatten().dense(3),
                        Head.flatten().dense(4),
                        Head.flatten().dropout(0.1),
                        Head.flatten().dropout(0.2),
                        Head.flatten().classes(2),
                        Head.flatten().classes(3),
                        Head.flatten().multiLabel()),
                List.of(
                        Loss.crossEntropy(),
                        Loss.binaryCrossEntropy(),
                        Loss.focal(1),
                        Loss.focal(2),
                        Loss.crossEntropy().labelSmoothing(0.1)),
                List.of(
                        Optimizer.sgd(1),
                        Optimizer.sgd(2),
                        Optimizer.sgd(1).momentum(0.1),
                        Optimizer.sgd(1).momentum(0.2),
                        Optimizer.sgd(1).nesterov(0.1),
                        Optimizer.sgd(1).decay(0.1),
                        Optimizer.sgd(1).schedule(Schedule.cosine()),
                        Optimizer.sgd(1).weightDecay(0.1),
                        Optimizer.sgd(1).clipNorm(0.1),
                        Optimizer.sgd(1).clipValue(0.1),
                        Optimizer.adam(1),
                        Optimizer.adam(2),
                        Optimizer.rmsProp(1),
                        Optimizer.rmsProp(2),
                        Optimizer.of(new AdaDelta()),
                        Optimizer.of(new Nesterovs(0.5))),
                List.of(
                        Phase.head(),
                        Phase.all(),
                        Phase.from("a"),
                        Phase.all().epochs(2),
                        Phase.all().learningRateFactor(0.5),
                        Phase.all().blockFactor(0.5),
                        Phase.all().blockFactors(Map.of("a", 0.5)),
                        Phase.all().inputSize(20, 10),
                        Phase.all().inputSize(20, 20),
                        Phase.all().inputSize(10, 20),
                        Phase.all().schedule(Schedule.cosine())));
    }

    /** Two objects of these types are the same if their words are. */
    @ParameterizedTest
    @MethodSource("saidInWords")
    void theWordsSayAllThatWasSet(List<Object> samples) {
        Map<String, Set<Object>> seen = new TreeMap<>();
        Map<Map<String, Object>, String> words = new HashMap<>();
        for (Object sample : samples) {
            Map<String, Object> parts = partsOf(sample);
            parts.forEach((name, value) ->
                    seen.computeIfAbsent(name, field -> new HashSet<>()).add(value));
            words.put(parts, sample.toString());
        }
        assertThat(words).as("samples that differ").hasSameSizeAs(samples);
        assertThat(words.values()).doesNotHaveDuplicates();
        assertThat(seen)
                .allSatisfy((field, values) -> assertThat(values)
                        .as("values of %s in the samples", field)
                        .satisfiesAnyOf(
                                some -> assertThat(some).hasSizeGreaterThan(1),
                                some -> assertThat(some).allMatch(value -> value instanceof Class),
                                some -> assertThat(samples)
                                        .anyMatch(sample -> !partsOf(sample).containsKey(field))));
    }

    private static Map<String, Object> partsOf(Object sample) {
        Map<String, Object> parts = new TreeMap<>();
        takeApart("", sample, parts);
        return parts;
    }

    private static void takeApart(String name, Object value, Map<String, Object> parts) {
        boolean ours =
                value != null && value.getClass().getName().startsWith("org.transfer4j") && !(value instanceof Enum);
        parts.put(name, ours ? value.getClass() : String.valueOf(value));
        for (Class<?> type = ours ? value.getClass() : null; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    try {
                        field.setAccessible(true);
                        takeApart(name + "." + field.getName(), field.get(value), parts);
                    } catch (ReflectiveOperationException e) {
                        throw new LinkageError("a record or field can't be read", e);
                    }
                }
            }
        }
    }
}
