package org.transfer4j.internal.choose;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.PretrainedWeights;
import org.transfer4j.download.CachedFile;

/** The backbones of this library. */
public final class KnownBackbones {
    private KnownBackbones() {}

    /** The backbones of this library by the methods that describe them: all of {@link Backbone}'s without an argument. */
    static Map<String, Backbone> all() {
        Map<String, Backbone> all = new LinkedHashMap<>();
        Arrays.stream(Backbone.class.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        && method.getReturnType() == Backbone.class
                        && method.getParameterCount() == 0)
                .sorted(Comparator.comparing(Method::getName))
                .forEach(method -> all.put(method.getName(), made(method)));
        return all;
    }

    private static Backbone made(Method method) {
        try {
            return (Backbone) method.invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("can't describe " + method.getName(), e);
        }
    }

    /** Backbones whose weights are here: in the jar, or in the cache folder. */
    public static List<Backbone> atHand(List<CachedFile> cached) {
        Set<String> files = cached.stream()
                .filter(file -> file.state() != CachedFile.State.DAMAGED && file.state() != CachedFile.State.UNFINISHED)
                .map(CachedFile::name)
                .collect(Collectors.toSet());
        return all().values().stream()
                .filter(backbone -> backbone.pretrainedWeights()
                        .filter(weights -> weights.isBundled() || files.contains(weights.name()))
                        .isPresent())
                .sorted(Comparator.comparing(backbone -> !backbone.pretrainedWeights()
                        .map(PretrainedWeights::isBundled)
                        .orElse(false)))
                .toList();
    }
}
