package org.transfer4j.internal.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.distribution.Distribution;
import org.deeplearning4j.nn.conf.serde.JsonMappers;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.exc.InvalidDefinitionException;

class TopologyCheckTest {
    private static final Set<Class<?>> OPEN = Set.of(Class.class, Object.class, Runnable.class, ClassLoader.class);

    @Test
    void holdsNothingButConfigurationsOfDl4jAndNd4j() {
        assertThat(TopologyCheck.TYPES)
                .hasSizeGreaterThan(120)
                .allMatch(name -> name.matches("org\\.(deeplearning4j\\.nn\\.(conf|weights)|nd4j\\.linalg)\\..*"));
    }

    @Test
    void doesNotTakeOtherNames() {
        assertThat(TopologyCheck.TYPES)
                .doesNotContain(
                        "java.lang.String",
                        "org.deeplearning4j.nn.conf.layers.samediff.SameDiffLayer",
                        "org.deeplearning4j.nn.conf.layers.DenseLayer$Builder",
                        "");
    }

    @Test
    void holdsOnlyWhatJacksonCanRead() throws ClassNotFoundException {
        ObjectMapper mapper = JsonMappers.getMapper();
        for (String name : TopologyCheck.TYPES) {
            Class<?> type = Class.forName(name, false, getClass().getClassLoader());
            String property = Distribution.class.isAssignableFrom(type) ? "type" : "@class";
            Throwable failure = catchThrowable(() -> mapper.readValue("{\"" + property + "\":\"" + name + "\"}", type));
            // a value that an empty object lacks may be missed; a way to make the object may not
            assertThat(failure instanceof InvalidDefinitionException)
                    .as("%s: %s", name, failure)
                    .isFalse();
        }
    }

    /** Jackson loads a class also to fill a field of type Class; none of the allowed classes may have one. */
    @Test
    void allowsNoClassWithAFieldThatCouldHoldAnything() throws ClassNotFoundException {
        List<Field> open = new ArrayList<>();
        for (String name : TopologyCheck.TYPES) {
            for (Class<?> type = Class.forName(name, false, getClass().getClassLoader());
                    type != null;
                    type = type.getSuperclass()) {
                for (Field field : type.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers()) && OPEN.contains(field.getType())) {
                        open.add(field);
                    }
                }
            }
        }
        assertThat(open).isEmpty();
    }
}
