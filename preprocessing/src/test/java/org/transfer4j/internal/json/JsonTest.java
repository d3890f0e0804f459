package org.transfer4j.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    enum Taste {
        SWEET,
        SOUR
    }

    private record Inner(double x) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Thing(
            String kind,
            int version,
            @Nullable String a,
            @Nullable Integer b,
            @Nullable List<String> c,
            float @Nullable [] d,
            @Nullable Inner e,
            @Nullable Taste f,
            @Nullable Boolean g) {}

    private record Strict(String a, int b) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Lenient(String a) {}

    private static Thing thing(String more) {
        return Json.read("{\"kind\":\"thing\",\"version\":1" + more + "}", "thing", 2, Thing.class);
    }

    @Test
    void fieldsOfEveryTypeAreRead() {
        Thing thing = thing(
                ",\"a\":\"x\",\"b\":-7,\"c\":[\"p\",\"q\"],\"d\":[1,2.5,1e-3],\"e\":{\"x\":1},\"f\":\"SOUR\",\"g\":true");
        assertThat(thing.a()).isEqualTo("x");
        assertThat(thing.b()).isEqualTo(-7);
        assertThat(thing.c()).containsExactly("p", "q");
        assertThat(thing.d()).containsExactly(1f, 2.5f, 1e-3f);
        assertThat(thing.e()).isEqualTo(new Inner(1));
        assertThat(thing.f()).isEqualTo(Taste.SOUR);
        assertThat(thing.g()).isTrue();
        assertThat(thing("")).isEqualTo(new Thing("thing", 1, null, null, null, null, null, null, null));
    }

    @Test
    void whatIsNullIsNotWritten() {
        assertThat(Json.write(thing(",\"b\":1,\"e\":{\"x\":0.5}")))
                .isEqualTo("{\"kind\":\"thing\",\"version\":1,\"b\":1,\"e\":{\"x\":0.5}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "3",
                "{",
                "{\"kind\":\"thing\",\"version\":1}}",
                "{\"kind\":\"thing\",\"version\":1} {}",
                "{\"kind\":\"thing\",\"kind\":\"thing\",\"version\":1}",
                "{\"kind\":\"thing\",\"version\":1,\"e\":{\"x\":1,\"x\":1}}",
                "{'kind':'thing'}"
            })
    void whatIsNotOneObjectIsRefused(String json) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read(json, "thing", 2, Thing.class))
                .withMessageContaining("JSON of a thing");
    }

    @Test
    void nullIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read(null, "thing", 2, Thing.class))
                .withMessageContaining("null");
    }

    @Test
    void depthAndSizeAreBounded() {
        String deep = ",\"c\":" + "[".repeat(100_000) + "]".repeat(100_000);
        assertThatIllegalArgumentException().isThrownBy(() -> thing(deep)).withMessageContaining("200");
        String long_ = ",\"d\":[" + "1,".repeat(1_000_000) + "1]";
        assertThatIllegalArgumentException().isThrownBy(() -> thing(long_)).withMessageContaining("1000000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"version\":1}                     | 'kind' is missing",
                "{\"kind\":3,\"version\":1}          | must be text, got 3",
                "{\"kind\":null,\"version\":1}       | must be text, got null",
                "{\"kind\":\"thing\"}                | 'version' is missing",
                "{\"kind\":\"other\",\"version\":1}  | expected JSON of the kind 'thing', got 'other'",
                "{\"kind\":\"thing\",\"version\":3}  | version 3 of thing is unknown: this version of the library reads 1 to 2",
                "{\"kind\":\"thing\",\"version\":0}  | version 0",
                "{\"kind\":\"thing\",\"version\":null} | must be a whole number, got null",
                "{\"kind\":\"thing\",\"version\":\"1\"} | must be a whole number, got \"1\""
            })
    void anotherKindOrVersionIsRefused(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read(json, "thing", 2, Thing.class))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2147483648", "\"1\"", "\"\"", "true", "[1]", "1000.0", "{}"})
    void onlyWholeNumbersAreIntegers(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> thing(",\"b\":" + value))
                .withMessage("the field 'b' in the JSON of a thing must be a whole number, got " + value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"a\":1                | 'a' in the JSON of a thing must be text, got 1",
                "\"a\":true             | 'a' in the JSON of a thing must be text, got true",
                "\"a\":[\"x\"]          | 'a' in the JSON of a thing must be text, got [\"x\"]",
                "\"c\":[\"x\",1]        | 'c' in the JSON of a thing must be text, got 1",
                "\"c\":[\"x\",null]     | 'c' in the JSON of a thing",
                "\"c\":\"x\"            | 'c' in the JSON of a thing must be a list, got \"x\"",
                "\"d\":[1,null]         | 'd' in the JSON of a thing must be a number, got null",
                "\"d\":[1,\"x\"]        | 'd' in the JSON of a thing must be a number, got \"x\"",
                "\"d\":[1,\"1\"]        | 'd' in the JSON of a thing must be a number, got \"1\"",
                "\"d\":1                | 'd' in the JSON of a thing must be a list, got 1",
                "\"e\":1                | 'e' in the JSON of a thing must be an object, got 1",
                "\"e\":{}               | the field 'x' is missing in the JSON of a thing",
                "\"e\":{\"x\":\"y\"}    | 'e.x' in the JSON of a thing must be a number, got \"y\"",
                "\"e\":{\"x\":1,\"y\":2} | unknown field 'y' in the JSON of a thing: known are x",
                "\"f\":\"BITTER\"       | 'f' in the JSON of a thing must be one of [SWEET, SOUR], got \"BITTER\"",
                "\"f\":1                | 'f' in the JSON of a thing must be one of [SWEET, SOUR], got 1",
                "\"f\":\"1\"            | 'f' in the JSON of a thing must be one of [SWEET, SOUR], got \"1\"",
                "\"g\":\"yes\"          | 'g' in the JSON of a thing must be true or false, got \"yes\"",
                "\"g\":\"true\"         | 'g' in the JSON of a thing must be true or false, got \"true\"",
                "\"g\":1                | 'g' in the JSON of a thing must be true or false, got 1"
            })
    void whatIsOfAnotherTypeIsRefused(String field, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> thing("," + field))
                .withMessageContaining(message);
    }

    @Test
    void whatMustBeThereMustBeThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read("{\"a\":\"x\"}", "this", Strict.class))
                .withMessage("the field 'b' is missing in this");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read("{\"b\":1}", "this", Strict.class))
                .withMessage("the field 'a' is missing in this");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read("{\"a\":null,\"b\":1}", "this", Strict.class))
                .withMessage("the field 'a' in this must be text, got null");
    }

    @Test
    void fieldsThatNobodyKnowsAreRefusedWhereTheRecordDoesNotIgnoreThem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Json.read("{\"a\":\"x\",\"b\":1,\"c\":2}", "this", Strict.class))
                .withMessage("unknown field 'c' in this: known are a, b");
        assertThat(Json.read("{\"a\":\"x\",\"b\":1}", "this", Lenient.class).a())
                .isEqualTo("x");
    }

    @Test
    void longValuesAreCutInMessages() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> thing(",\"b\":\"" + "x".repeat(1000) + "\""))
                .withMessageContaining("xxx...")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
    }

    /** A name in a file never chooses a class. */
    @Test
    void namesOfClassesAreFieldsAsOthers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> thing(",\"@class\":\"java.util.ArrayList\""))
                .withMessageContaining("'@class'");
    }

    @Property(tries = 300)
    void anyTextSurvivesAsAscii(@ForAll String text) {
        String json = Json.writeAscii(new Strict(text, 1));
        assertThat(json).isASCII();
        assertThat(Json.read(json, "this", Strict.class).a()).isEqualTo(text);
    }
}
