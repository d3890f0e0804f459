package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URL;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.internal.natives.FirstUse;
import org.transfer4j.internal.thread.NativeThreads;

/**
 * Follows the calls from the public face: none may come to ND4J or OpenCV without passing a method that starts it. Calls
 * of an abstract method lead to all that implement it; who makes an object of ours may have it called back by others.
 */
class FirstUseRuleTest {
    private static final String OURS = "org.transfer4j.";

    /** Whose objects come from a fit, a file, or one of the others alone, which start everything. */
    private static final Set<String> MADE_BY_THE_LIBRARY = Set.of(
            "org.transfer4j.ImagePredictor",
            "org.transfer4j.FittedModel",
            "org.transfer4j.ImageClassifier",
            "org.transfer4j.ClassifierEnsemble",
            "org.transfer4j.ImageRegressor",
            "org.transfer4j.FeatureExtractor",
            "org.transfer4j.Explainer",
            "org.transfer4j.Explanation");

    /** Who holds one of these has started ND4J. */
    private static final List<String> OF_ND4J = List.of("org.nd4j.", "org.deeplearning4j.");

    private static final JavaClasses ALL =
            new ClassFileImporter().importUrls(List.of(home(FirstUse.class), home(TransferLearner.class)));

    private final Map<JavaCodeUnit, JavaCodeUnit> callers = new HashMap<>();
    private final Deque<JavaCodeUnit> open = new ArrayDeque<>();

    @ParameterizedTest
    @CsvSource({"ND4J, org.nd4j.linalg.factory.Nd4j", "OPENCV, org.bytedeco.opencv."})
    void everythingPublicStartsALibraryBeforeItsFirstUse(String start, String library) {
        assertThat(unguarded(start, library)).isEmpty();
    }

    /** The search must find something where nothing is guarded. */
    @Test
    void withoutTheGuardsManyPathsAreFound() {
        assertThat(unguarded("OF_NO_LIBRARY", "org.nd4j.linalg.factory.Nd4j"))
                .hasSizeGreaterThan(10)
                .anyMatch(path -> path.contains("OneHotLabelEncoder.encode"));
        assertThat(unguarded("OF_NO_LIBRARY", "org.bytedeco.opencv."))
                .anyMatch(path -> path.contains("ImageDecoder.decodeNatively"));
    }

    private static URL home(Class<?> each) {
        return each.getProtectionDomain().getCodeSource().getLocation();
    }

    private List<String> unguarded(String start, String library) {
        callers.clear();
        Predicate<JavaCodeUnit> starts = unit -> unit.getAccessesFromSelf().stream()
                .anyMatch(access -> (access.getTargetOwner().isEquivalentTo(FirstUse.class)
                                && access.getTarget().getName().equals(start))
                        || (start.equals("ND4J")
                                && access.getTargetOwner().isEquivalentTo(NativeThreads.class)
                                && access.getTarget().getName().equals("applyToNd4j")));
        // an object that could not be made without
        Predicate<JavaCodeUnit> guarded = starts.or(unit -> !unit.getModifiers().contains(JavaModifier.STATIC)
                && !unit.getOwner().getConstructors().isEmpty()
                && (MADE_BY_THE_LIBRARY.contains(unit.getOwner().getFullName())
                        || unit.getOwner().getConstructors().stream().allMatch(starts)));
        ALL.stream()
                .filter(FirstUseRuleTest::isPublicFace)
                .flatMap(each -> each.getCodeUnits().stream())
                .filter(unit -> isEntry(unit, start))
                .forEach(unit -> reach(unit, unit));
        List<String> paths = new ArrayList<>();
        while (!open.isEmpty()) {
            JavaCodeUnit unit = open.poll();
            if (guarded.test(unit)) {
                continue;
            }
            for (JavaAccess<?> access : unit.getAccessesFromSelf()) {
                JavaClass owner = access.getTargetOwner();
                if (owner.getFullName().startsWith(library)
                        && (access instanceof JavaConstructorCall
                                || owner.getSimpleName().startsWith("opencv_")
                                || owner.getSimpleName().equals("Nd4j"))) {
                    paths.add(path(unit) + " -> " + owner.getSimpleName() + "."
                            + access.getTarget().getName());
                } else if (owner.getFullName().startsWith(OURS)) {
                    follow(access, unit);
                }
            }
        }
        return paths;
    }

    private void follow(JavaAccess<?> access, JavaCodeUnit from) {
        JavaClass owner = access.getTargetOwner();
        owner.getStaticInitializer().ifPresent(initializer -> reach(initializer, from));
        if (access.getTarget() instanceof AccessTarget.CodeUnitCallTarget target) {
            Stream.concat(
                            Stream.concat(Stream.of(owner), owner.getAllRawSuperclasses().stream()),
                            owner.getAllSubclasses().stream())
                    .flatMap(each -> each.getCodeUnits().stream())
                    .filter(unit -> unit.getName().equals(target.getName()))
                    .filter(unit -> !unit.isConstructor() || unit.getOwner().equals(owner))
                    .filter(unit -> unit.getRawParameterTypes().size()
                            == target.getRawParameterTypes().size())
                    .forEach(unit -> reach(unit, from));
        }
        if (access instanceof JavaConstructorCall) {
            Set<String> foreign = new HashSet<>();
            Stream.concat(owner.getAllRawSuperclasses().stream(), owner.getAllRawInterfaces().stream())
                    .filter(type -> !type.getFullName().startsWith(OURS))
                    .flatMap(type -> type.getMethods().stream())
                    .forEach(method -> foreign.add(method.getName()));
            owner.getMethods().stream()
                    .filter(method -> foreign.contains(method.getName()))
                    .forEach(method -> reach(method, from));
        }
    }

    private void reach(JavaCodeUnit unit, JavaCodeUnit from) {
        if (callers.putIfAbsent(unit, from) == null) {
            open.add(unit);
        }
    }

    private String path(JavaCodeUnit unit) {
        String name = unit.getOwner().getSimpleName() + "." + unit.getName();
        JavaCodeUnit from = callers.get(unit);
        return from == null || from.equals(unit) ? name : path(from) + " -> " + name;
    }

    private static boolean isPublicFace(JavaClass each) {
        return isVisible(each) && !each.getPackageName().startsWith(OURS + "internal");
    }

    /** What stands in an interface is public by itself, but not where the interface is not. */
    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(FirstUseRuleTest::isVisible).orElse(true);
    }

    private static boolean isEntry(JavaCodeUnit unit, String start) {
        boolean ofItsOwn = unit.isConstructor() || unit.getModifiers().contains(JavaModifier.STATIC);
        boolean holdsAnArray = start.equals("ND4J")
                && unit.getRawParameterTypes().stream()
                        .anyMatch(type -> OF_ND4J.stream()
                                .anyMatch(prefix -> type.getFullName().startsWith(prefix)));
        return unit.getModifiers().contains(JavaModifier.PUBLIC)
                && !holdsAnArray
                && (ofItsOwn || !MADE_BY_THE_LIBRARY.contains(unit.getOwner().getFullName()));
    }
}
