package org.transfer4j;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.NullMarked;

/** The rules that keep the architecture visible, over both published jars. */
@AnalyzeClasses(packages = "org.transfer4j", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    /** A row of a table of rooms: the name, without internal, and whether it is public. */
    private static final Pattern ROOM = Pattern.compile("^\\| `([a-z0-9.]+)`(, public)? \\|", Pattern.MULTILINE);

    private static final String[] DESCRIPTIONS = {
        "org.transfer4j.backbone", "org.transfer4j.head", "org.transfer4j.training", "org.transfer4j.evaluation"
    };

    private static final String[] NETWORKS = {
        "org.transfer4j.internal.network",
        "org.transfer4j.internal.dl4j",
        "org.transfer4j.internal.format.keras",
        "org.transfer4j.internal.natives"
    };

    /** What users of ND4J and DL4J hold in their hands already. */
    private static final Set<String> CONTRACTS = Set.of(
            "org.nd4j.linalg.api.ndarray.INDArray",
            "org.nd4j.linalg.dataset.DataSet",
            "org.nd4j.linalg.dataset.api.DataSet",
            "org.nd4j.linalg.dataset.api.iterator.DataSetIterator",
            "org.nd4j.linalg.dataset.api.DataSetPreProcessor",
            "org.nd4j.linalg.learning.config.IUpdater",
            "org.nd4j.linalg.schedule.ISchedule",
            "org.deeplearning4j.nn.graph.ComputationGraph",
            "org.deeplearning4j.nn.multilayer.MultiLayerNetwork",
            "org.deeplearning4j.nn.conf.ComputationGraphConfiguration",
            "org.deeplearning4j.nn.conf.MultiLayerConfiguration",
            "org.deeplearning4j.optimize.api.TrainingListener",
            "org.bytedeco.opencv.opencv_core.Mat");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("org.transfer4j.(**)").should().beFreeOfCycles();

    /** The tables of docs/architecture.md name each package once, above all that it knows. */
    @ArchTest
    static void roomsAreInTheOrderOfTheDocs(JavaClasses all) throws IOException {
        List<String> rooms = ROOM.matcher(Files.readString(Path.of("../docs/architecture.md")))
                .results()
                .map(row -> row.group(2) != null ? row.group(1) : "internal." + row.group(1))
                .map(room -> room.equals("org.transfer4j") ? room : "org.transfer4j." + room)
                .toList();
        assertThat(rooms).doesNotHaveDuplicates();
        assertThat(packages(all).keySet()).containsExactlyInAnyOrderElementsOf(rooms);

        Set<String> against = new TreeSet<>();
        for (JavaClass each : all) {
            each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith("org.transfer4j"))
                    .filter(target -> rooms.indexOf(target.getPackageName()) < rooms.indexOf(each.getPackageName()))
                    .forEach(target -> against.add(each.getName() + " knows " + target.getName()));
        }
        assertThat(against).isEmpty();
    }

    /** How they are written, as JSON, a table or a picture, is no work. */
    @ArchTest
    static final ArchRule descriptionsDoNotKnowTheWork = noClasses()
            .that()
            .resideInAnyPackage(DESCRIPTIONS)
            .should()
            .dependOnClassesThat(resideInAPackage("org.transfer4j.internal..")
                    .and(not(resideInAnyPackage(
                            "org.transfer4j.internal.json",
                            "org.transfer4j.internal.text",
                            "org.transfer4j.internal.chart",
                            "org.transfer4j.internal.file")))
                    .and(not(resideInAnyPackage(NETWORKS))));

    /** Backbones are networks, also given ones, which they also give to DL4J; the other descriptions know of none. */
    @ArchTest
    static final ArchRule onlyBackbonesAreNetworks = noClasses()
            .that()
            .resideInAnyPackage("org.transfer4j.head", "org.transfer4j.training", "org.transfer4j.evaluation")
            .should()
            .dependOnClassesThat(resideInAnyPackage(NETWORKS));

    /** So that each format and each engine is one pass over it, and none is the language of the others. */
    @ArchTest
    static final ArchRule networksKnowNoFormatAndNoEngine = noClasses()
            .that()
            .resideInAPackage("org.transfer4j.internal.network")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.deeplearning4j..",
                    "org.transfer4j.internal.format..",
                    "org.transfer4j.internal.engine..",
                    "org.transfer4j.internal.onnx..");

    @ArchTest
    static final ArchRule onlyTheRootKnowsTheRoot = noClasses()
            .that()
            .resideOutsideOfPackage("org.transfer4j")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.transfer4j");

    /**
     * A fit gives a classifier or regressor, and that or a choice a learner to go on with: these circles are what they promise.
     */
    @ArchTest
    static final ArchRule theRootHasNoCircles = slices().assignedFrom(eachClassOfTheRoot())
            .should()
            .beFreeOfCycles()
            .ignoreDependency(ImageClassifier.class, TransferLearner.class)
            .ignoreDependency(ImageRegressor.class, TransferLearner.class)
            .ignoreDependency(LearnerChoice.class, TransferLearner.class);

    @ArchTest
    static final ArchRule theRootIsThePublicFace = classes()
            .that()
            .resideInAPackage("org.transfer4j")
            .and()
            .areTopLevelClasses()
            .and()
            .haveSimpleNameNotStartingWith("package")
            .should()
            .bePublic();

    @ArchTest
    static final ArchRule preprocessingKnowsNoNetworks = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.transfer4j.preprocessing..",
                    "org.transfer4j.label..",
                    "org.transfer4j.dataset..",
                    "org.transfer4j.error..",
                    "org.transfer4j.download..",
                    "org.transfer4j.internal.image..",
                    "org.transfer4j.internal.pixel..",
                    "org.transfer4j.internal.augment..",
                    "org.transfer4j.internal.json..",
                    "org.transfer4j.internal.label..",
                    "org.transfer4j.internal.download..",
                    "org.transfer4j.internal.natives..",
                    "org.transfer4j.internal.file..",
                    "org.transfer4j.internal.interrupt..",
                    "org.transfer4j.internal.listener..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    @ArchTest
    static final ArchRule compiledNetworksKnowNoDl4j = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.transfer4j.internal.engine.onednn..",
                    "org.transfer4j.internal.engine.reference..",
                    "org.transfer4j.internal.trunk..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    /** What is trained is a network of ours; the fallback, and what listeners of DL4J see, are DL4J's. */
    @ArchTest
    static final ArchRule onlyTheFallbackTrainsByDl4j = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.transfer4j.internal.tail",
                    "org.transfer4j.internal.tail.loss",
                    "org.transfer4j.internal.tail.onednn")
            .should()
            .dependOnClassesThat(resideInAPackage("org.deeplearning4j..").and(not(type(TrainingListener.class))));

    /** An adapter: what reads and writes networks of DL4J, and what computes or trains by it. */
    @ArchTest
    static final ArchRule fewKnowTheAdapterOfDl4j = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "org.transfer4j.backbone",
                    "org.transfer4j.internal.dl4j",
                    "org.transfer4j.internal.engine",
                    "org.transfer4j.internal.fitted",
                    "org.transfer4j.internal.format.modelfile",
                    "org.transfer4j.internal.plan",
                    "org.transfer4j.internal.tail.dl4j",
                    "org.transfer4j.internal.weights")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.transfer4j.internal.dl4j");

    /** The stages name of DL4J what users hand in or get. */
    @ArchTest
    static final ArchRule stagesKnowOfDl4jWhatUsersHold = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.transfer4j.internal.settings",
                    "org.transfer4j.internal.fitted",
                    "org.transfer4j.internal.evaluate",
                    "org.transfer4j.internal.fit",
                    "org.transfer4j.internal.choose")
            .should()
            .dependOnClassesThat(resideInAPackage("org.deeplearning4j..")
                    .and(not(type(ComputationGraph.class)))
                    .and(not(type(Model.class)))
                    .and(not(type(BaseTrainingListener.class)))
                    .and(not(type(TrainingListener.class))));

    @ArchTest
    static final ArchRule publicSignaturesNameOnlyContracts =
            methods().that(arePartOfThePublicFace()).should(nameOnlyContracts());

    /** Causes are often not printed: the message itself has path and reason. */
    @ArchTest
    static final ArchRule inputAndOutputFailWithAMessage =
            noClasses().should().callConstructor(UncheckedIOException.class, IOException.class);

    @ArchTest
    static final ArchRule nothingLoadsByJavaSerialization =
            noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectInputStream");

    @ArchTest
    static void packagesAreNullMarked(JavaClasses all) {
        assertThat(packages(all).values())
                .allSatisfy(javaPackage -> assertThat(javaPackage.isAnnotatedWith(NullMarked.class))
                        .as(javaPackage.getName())
                        .isTrue());
    }

    @ArchTest
    static void noPackageIsInTwoJars(JavaClasses all) {
        Map<String, Set<String>> locations = new TreeMap<>();
        for (JavaClass each : all) {
            String path = each.getSource().orElseThrow().getUri().toString();
            String root = path.substring(0, path.indexOf("org/transfer4j/"));
            locations
                    .computeIfAbsent(each.getPackageName(), name -> new TreeSet<>())
                    .add(root);
        }
        assertThat(locations)
                .hasSizeGreaterThan(10)
                .allSatisfy((name, roots) -> assertThat(roots).as(name).hasSize(1));
    }

    private static SliceAssignment eachClassOfTheRoot() {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass each) {
                return each.getPackageName().equals("org.transfer4j")
                        ? SliceIdentifier.of(each.getName().replaceFirst("\\$.*", ""))
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "each class of the root package";
            }
        };
    }

    private static Map<String, JavaPackage> packages(JavaClasses all) {
        Map<String, JavaPackage> packages = new TreeMap<>();
        all.forEach(each -> packages.put(each.getPackageName(), each.getPackage()));
        return packages;
    }

    private static DescribedPredicate<JavaMethod> arePartOfThePublicFace() {
        return describe("are part of the public face", method -> {
            JavaClass owner = method.getOwner();
            boolean visible = method.getModifiers().contains(JavaModifier.PUBLIC)
                    || method.getModifiers().contains(JavaModifier.PROTECTED);
            return visible && isVisible(owner) && !owner.getPackageName().startsWith("org.transfer4j.internal");
        });
    }

    /** What stands in an interface is public by itself, but not where the interface is not. */
    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isVisible).orElse(true);
    }

    private static ArchCondition<JavaMethod> nameOnlyContracts() {
        return new ArchCondition<>("name no foreign types but contracts that users hold already") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                Stream.concat(method.getRawParameterTypes().stream(), Stream.of(method.getRawReturnType()))
                        .map(JavaClass::getBaseComponentType)
                        .filter(type -> !type.isPrimitive())
                        .filter(type -> !type.getPackageName().startsWith("java."))
                        .filter(type -> !type.getPackageName().startsWith("org.transfer4j")
                                || type.getPackageName().startsWith("org.transfer4j.internal"))
                        .filter(type -> !CONTRACTS.contains(type.getFullName()))
                        .forEach(type -> events.add(SimpleConditionEvent.violated(
                                method, method.getFullName() + " names " + type.getFullName())));
            }
        };
    }
}
