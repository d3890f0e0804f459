package org.transfer4j.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {
    private static JsonFields fields(String more) {
        return JsonFields.read("{\"kind\":\"thing\",\"version\":1" + more + "}", "thing", 2);
    }

    @Test
    void fieldsOfEveryTypeAreRead() {
        JsonFields fields = fields(",\"a\":\"x\",\"b\":-7,\"c\":[\"p\",\"q\"],\"d\":[1,2.5,1e-3]");
        assertThat(fields.text("a")).isEqualTo("x");
        assertThat(fields.integer("b")).isEqualTo(-7);
        assertThat(fields.optionalInteger("b")).hasValue(-7);
        assertThat(fields.optionalInteger("missing")).isEmpty();
        assertThat(fields.texts("c")).containsExactly("p", "q");
        assertThat(fields.floats("d")).containsExactly(1f, 2.5f, 1e-3f);
        fields.refuseOthers();
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
                "{'kind':'thing'}"
            })
    void whatIsNotOneObjectIsRefused(String json) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonFields.read(json, "thing", 2))
                .withMessageContaining("JSON of a thing");
    }

    @Test
    void nullIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonFields.read(null, "thing", 2))
                .withMessageContaining("null");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"version\":1}                     | 'kind' is missing",
                "{\"kind\":3,\"version\":1}          | must be text, got 3",
                "{\"kind\":\"thing\"}                | 'version' is missing",
                "{\"kind\":\"other\",\"version\":1}  | expected JSON of the kind 'thing', got 'other'",
                "{\"kind\":\"thing\",\"version\":3}  | version 3 of thing is unknown: this version of the library reads 1 to 2",
                "{\"kind\":\"thing\",\"version\":0}  | version 0",
                "{\"kind\":\"thing\",\"version\":\"1\"} | must be a whole number, got \"1\""
            })
    void anotherKindOrVersionIsRefused(String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonFields.read(json, "thing", 2))
                .withMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "2147483648", "\"1\"", "true", "null", "[1]", "1e3"})
    void onlyWholeNumbersAreIntegers(String value) {
        JsonFields fields = fields(",\"a\":" + value);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fields.integer("a"))
                .withMessageContaining("'a'")
                .withMessageContaining("whole number");
    }

    @Test
    void listsAreCheckedToTheLastElement() {
        JsonFields fields = fields(",\"a\":[\"x\",1],\"b\":[1,null],\"c\":\"x\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fields.texts("a"))
                .withMessageContaining("must be text, got 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fields.floats("b"))
                .withMessageContaining("must be numbers, got null");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fields.texts("c"))
                .withMessageContaining("must be a list");
    }

    @Test
    void fieldsThatNobodyAskedForAreRefused() {
        JsonFields fields = fields(",\"a\":1,\"b\":2");
        fields.integer("a");
        assertThatIllegalArgumentException()
                .isThrownBy(fields::refuseOthers)
                .withMessage("unknown field 'b' in thing: known are kind, version, a");
    }

    @Test
    void longValuesAreCutInMessages() {
        JsonFields fields = fields(",\"a\":\"" + "x".repeat(1000) + "\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fields.integer("a"))
                .withMessageContaining("xxx...")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
    }

    @Property(tries = 300)
    void anyTextSurvivesAsAscii(@ForAll String text) {
        String json = JsonText.write(JsonText.object("thing", 1).put("a", text));
        assertThat(json).isASCII();
        assertThat(JsonFields.read(json, "thing", 1).text("a")).isEqualTo(text);
    }
}
