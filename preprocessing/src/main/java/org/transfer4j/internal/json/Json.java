package org.transfer4j.internal.json;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Records as JSON and back, one property a component. Reading is strict: a property that is missing (unless the component
 * is nullable), unknown (unless the record ignores such), there twice, or of another type is an
 * {@link IllegalArgumentException} that names it. What is read is bounded in depth and size, and no class is chosen by it.
 */
public final class Json {
    /** A tree takes up to a hundred bytes for each token, also where that has one character. */
    private static final int MOST_TOKENS = 1_000_000;

    private static final StreamReadConstraints LIMITS = limits();

    private static final int DEEPEST = 200;
    private static final int LONGEST_SHOWN = 80;
    private static final Pattern MISSING =
            Pattern.compile("Missing required creator property '([^']*)'.*", Pattern.DOTALL);

    private static final JsonMapper MAPPER = mapper(DEEPEST);

    private Json() {}

    /** Jackson counts tokens since 2.18; on clusters whose own, older Jackson comes first, the length of a text is the bound. */
    private static StreamReadConstraints limits() {
        try {
            return StreamReadConstraints.builder().maxTokenCount(MOST_TOKENS).build();
        } catch (NoSuchMethodError older) {
            return StreamReadConstraints.defaults();
        }
    }

    /** What an object says of itself. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Header(String kind, int version) {}

    /** The mapper, for trees of another depth than 200. */
    public static JsonMapper mapper(int deepest) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(LIMITS.rebuild().maxNestingDepth(deepest).build())
                .build();
        return JsonMapper.builder(factory)
                .annotationIntrospector(new NullableComponents())
                .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(LogicalType.Textual, texts -> {
                    for (CoercionInputShape shape : CoercionInputShape.values()) {
                        texts.setCoercion(shape, CoercionAction.Fail);
                    }
                })
                .build();
    }

    /** The text of a record: one line, what is null left out. */
    public static String write(Object value) {
        return write(value, MAPPER.writer());
    }

    /** The same in ASCII alone: a label with half a surrogate pair survives any encoding of the file. */
    public static String writeAscii(Object value) {
        return write(value, MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII));
    }

    private static String write(Object value, ObjectWriter writer) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record can always be written", e);
        }
    }

    /** One value as a tree; for what others have written, of which no record knows all. */
    public static JsonNode tree(String json) throws JsonProcessingException {
        return MAPPER.readTree(json);
    }

    /**
     * Reads an object of one kind, of a version from 1 to the newest that the caller understands.
     *
     * @param type a record that has the components {@code kind} and {@code version}
     */
    public static <T> T read(@Nullable String json, String kind, int newestVersion, Class<T> type) {
        String what = "the JSON of a " + kind;
        ObjectNode object = object(json, what);
        Header header = bind(object, what, Header.class);
        if (!header.kind().equals(kind)) {
            throw new IllegalArgumentException("expected JSON of the kind '" + kind + "', got '" + header.kind() + "'");
        }
        requireVersion(header.version(), newestVersion, kind);
        return bind(object, what, type);
    }

    /**
     * Reads an object.
     *
     * @param what what it is called in errors, such as "the JSON of a history"
     * @param type a record
     */
    public static <T> T read(@Nullable String json, String what, Class<T> type) {
        return bind(object(json, what), what, type);
    }

    /** The same of a value that was read already, by a mapper of {@link #mapper}. */
    public static <T> T read(JsonNode json, String what, Class<T> type) {
        return bind(object(json, what), what, type);
    }

    /** Refuses what a later version of the library has written. */
    public static void requireVersion(int version, int newest, String kind) {
        if (version < 1 || version > newest) {
            throw new IllegalArgumentException("version " + version + " of " + kind
                    + " is unknown: this version of the library reads 1 to " + newest);
        }
    }

    private static ObjectNode object(@Nullable String json, String what) {
        if (json == null) {
            throw new IllegalArgumentException(what + " must not be null");
        }
        try {
            return object(MAPPER.readTree(json), what);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not " + what + ": " + e.getOriginalMessage(), e);
        }
    }

    private static ObjectNode object(JsonNode json, String what) {
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException(what + " must be one object");
    }

    private static <T> T bind(ObjectNode object, String what, Class<T> type) {
        try {
            return MAPPER.treeToValue(object, type);
        } catch (UnrecognizedPropertyException e) {
            throw new IllegalArgumentException(
                    "unknown field '" + e.getPropertyName() + "' in " + what + ": known are " + known(e), e);
        } catch (JsonMappingException e) {
            throw new IllegalArgumentException(reason(object, what, e), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not " + what + ": " + e.getOriginalMessage(), e);
        }
    }

    /** In their order, where it is a record. */
    private static String known(UnrecognizedPropertyException e) {
        RecordComponent[] components = e.getReferringClass().getRecordComponents();
        Stream<?> names = components == null
                ? e.getKnownPropertyIds().stream()
                : Arrays.stream(components).map(RecordComponent::getName);
        return names.map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String reason(JsonNode object, String what, JsonMappingException e) {
        if (e.getCause() instanceof IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
        Matcher missing = MISSING.matcher(e.getOriginalMessage());
        if (missing.matches()) {
            return "the field '" + missing.group(1) + "' is missing in " + what;
        }
        JsonNode value = object;
        boolean element = false;
        StringBuilder field = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            element = step.getFieldName() == null;
            value = element ? value.path(step.getIndex()) : value.path(step.getFieldName());
            if (!element) {
                field.append(field.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        if (e instanceof InvalidTypeIdException other) {
            return "the field '" + field + "' in " + what + " is of an unknown kind, '" + other.getTypeId() + "'";
        }
        Class<?> type = e.getCause() instanceof InputCoercionException coerced
                ? coerced.getTargetType()
                : e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        String expected = type == null
                ? "can't be read: " + e.getOriginalMessage()
                : "must be " + expected(element && type.isArray() ? type.getComponentType() : type) + ", got "
                        + shown(value);
        return "the field '" + field + "' in " + what + " " + expected;
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + Arrays.toString(type.getEnumConstants());
        }
        if (type == String.class) {
            return "text";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == float.class || type == double.class || Number.class.isAssignableFrom(type)) {
            return "a number";
        }
        return type.isArray() || Collection.class.isAssignableFrom(type) ? "a list" : "an object";
    }

    /** A value for a message: short, whatever the file holds. */
    public static String shown(JsonNode value) {
        String text = value.isMissingNode() ? "not there" : value.toString();
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }

    /** A component of a record may be missing, or null, where its type says so. */
    private static final class NullableComponents extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasRequiredMarker(AnnotatedMember member) {
            return Boolean.TRUE.equals(super.hasRequiredMarker(member))
                    || (member instanceof AnnotatedParameter parameter && !isNullable(parameter));
        }

        @Override
        public JsonSetter.Value findSetterInfo(Annotated member) {
            return member instanceof AnnotatedParameter parameter
                    ? JsonSetter.Value.forValueNulls(isNullable(parameter) ? Nulls.SET : Nulls.FAIL, Nulls.FAIL)
                    : super.findSetterInfo(member);
        }

        private static boolean isNullable(AnnotatedParameter parameter) {
            if (!(parameter.getOwner().getMember() instanceof Constructor<?> constructor)) {
                return false;
            }
            AnnotatedType type = constructor.getAnnotatedParameterTypes()[parameter.getIndex()];
            return type.isAnnotationPresent(Nullable.class);
        }
    }
}
