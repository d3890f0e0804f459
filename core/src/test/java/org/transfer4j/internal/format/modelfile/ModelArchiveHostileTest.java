package org.transfer4j.internal.format.modelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.transfer4j.error.ModelFileException;

/** Files whose checksums are right and whose contents lie. */
class ModelArchiveHostileTest {
    @TempDir
    Path folder;

    @Test
    void refusesAnotherFormatOfTheSameContainer() {
        assertRefused(ArchiveBuilding.good().format("other", 1), "not a Transfer4J model: the format");
    }

    @Test
    void saysWhoWroteANewerFile() {
        assertRefused(
                ArchiveBuilding.good().format("transfer4j-model", 4),
                "Transfer4J 9.9 wrote this file in version 4 of the model format, and this library reads versions up"
                        + " to 3. Use Transfer4J 9.9 or newer to load it");
    }

    @Test
    void saysWhoWroteANewerFileWhateverElseIsInIt() {
        assertRefused(
                new ArchiveBuilding().with("something.else", "?").format("transfer4j-model", 77),
                "Transfer4J 9.9 wrote this file in version 77");
    }

    @Test
    void refusesAnImpossibleVersion() {
        assertRefused(ArchiveBuilding.good().format("transfer4j-model", -1), "formatVersion must be a whole number");
    }

    @Test
    void refusesMissingUnknownAndTravellingEntries() {
        assertRefused(ArchiveBuilding.good().without("history.json"), "but these are named: [topology.json");
        assertRefused(ArchiveBuilding.good().with("notes.txt", "hello"), "notes.txt");
        assertRefused(ArchiveBuilding.good().with("../../evil.sh", "hello"), "../../evil.sh");
        assertThat(folder.resolve("../../evil.sh")).doesNotExist();
    }

    @Test
    void refusesAnEntryThatIsNamedTwice() {
        Path file = ArchiveBuilding.good().writeTo(folder.resolve("model.t4j"));
        String entry = "{\"name\":\"labels.json\",\"size\":0,\"sha256\":\"\"}";
        String manifest = "{\"format\":\"transfer4j-model\",\"formatVersion\":1,\"libraryVersion\":\"1\","
                + "\"backbone\":\"b\",\"entries\":[" + entry + "," + entry + "]}";

        assertThatThrownBy(() -> ModelArchive.read(ArchiveBuilding.good().writeTo(file, manifest), described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("[labels.json, labels.json]");
    }

    @ParameterizedTest
    @CsvSource({"9223372036854775807", "576460752303423487", "-1", "1e3", "100000000000000000000", "16777217", "5000"})
    void refusesSizesThatLie(String size) {
        Path file = folder.resolve("model.t4j");
        String entries = String.join(
                ",",
                List.of("topology", "network", "preprocessing", "labels", "history").stream()
                        .map(name -> "{\"name\":\"" + name + ".json\",\"size\":" + size + ",\"sha256\":\"\"}")
                        .toList());
        String manifest = "{\"format\":\"transfer4j-model\",\"formatVersion\":1,\"libraryVersion\":\"1\","
                + "\"backbone\":\"b\",\"entries\":[" + entries
                + ",{\"name\":\"weights.safetensors\",\"size\":1,\"sha256\":\"\"}]}";
        ArchiveBuilding.good().writeTo(file, manifest);

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {})).isInstanceOf(ModelFileException.class);
    }

    @Test
    void refusesAManifestThatClaimsToBeHuge() throws Exception {
        Path file = ArchiveBuilding.good().writeTo(folder.resolve("model.t4j"));
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 18, 26, (byte) 0x7f);
        Files.write(file, bytes);

        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("manifest.json may have 1048576 bytes at most, but has 2139062143");
    }

    @Test
    void refusesJsonThatIsTooDeepOrHasAPropertyTwice() {
        assertRefused(
                ArchiveBuilding.good().with("history.json", "[".repeat(1_000_000)),
                "history.json is not valid JSON: Document nesting depth (65) exceeds the maximum allowed");
        assertRefused(ArchiveBuilding.good().with("preprocessing.json", "{\"a\":1,\"a\":2}"), "Duplicate field 'a'");
        assertRefused(ArchiveBuilding.good().with("preprocessing.json", "{} {}"), "Trailing token");
        assertRefused(ArchiveBuilding.good().with("preprocessing.json", ""), "it is empty");
    }

    @Test
    void refusesTextThatIsNotUtf8() {
        ArchiveBuilding building = ArchiveBuilding.good();
        building.with("preprocessing.json", "\"x\"");
        Path file = building.writeTo(folder.resolve("model.t4j"));
        assertThat(ModelArchive.read(file, described -> {}).preprocessing()).isEqualTo("\"x\"");

        building.withBytes("preprocessing.json", new byte[] {'"', (byte) 0xff, '"'});

        assertRefused(building, "preprocessing.json is not valid UTF-8");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'inputHeight':0,'inputWidth':1,'inputChannels':1,'cutVertex':null,'frozenLayers':[]}|input height must be at least 1, but is 0",
                "{'inputHeight':1.5}|'inputHeight' in network.json must be a whole number, got 1.5",
                "{'inputHeight':99999999999}|'inputHeight' in network.json must be a whole number",
                "{'inputHeight':1,'inputWidth':1,'inputChannels':1,'frozenLayers':[]}|'cutVertex' is missing",
                "{'inputHeight':1,'inputWidth':1,'inputChannels':1,'cutVertex':null}|'frozenLayers' is missing",
                "{'inputHeight':1,'inputWidth':1,'inputChannels':1,'cutVertex':null,'frozenLayers':[1]}|frozenLayers",
                "[]|network.json must be one object",
            })
    void refusesANetworkThatIsNone(String json, String message) {
        assertRefused(ArchiveBuilding.good().with("network.json", json.replace('\'', '"')), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|the head must be a JSON object",
                "{'a':|is not valid JSON",
                "{'a':{'dtype':'F16','shape':[4],'data_offsets':[0,8]}}|the dtype of a must be F32",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}|does not fit its offsets",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|does not fit its offsets",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}|must start at 0",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|have 4 bytes, but the file has 8",
                "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}|have 16 bytes, but the file has 8",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|must start at 8",
                "{'a':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}}|must be at least 1",
                "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,4]}}|1 to 16 dimensions",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|none negative",
                "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}|whole numbers",
                "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|whole numbers",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}|2 offsets",
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}}|is too large",
                "{'a':{'dtype':'F32','shape':[9223372036854775807,2],'data_offsets':[0,8]}}|is too large",
                "{'a':7}|the dtype of a must be the name of a type",
            })
    void refusesWeightsThatLie(String head, String message) {
        assertRefused(ArchiveBuilding.good().withWeights(head.replace('\'', '"'), 8), message);
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "16777217", "9223372036854775807", "1000"})
    void refusesAHeadWhoseLengthLies(long length) {
        assertRefused(ArchiveBuilding.good().withWeights(length, "{}", 8), "the head may have 2 to");
    }

    @Test
    void takesMetadataInTheHeadAsSafetensorsAllows() {
        Path file = ArchiveBuilding.good()
                .withWeights(
                        "{\"__metadata__\":{\"x\":\"y\"},"
                                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]},"
                                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} ",
                        8)
                .writeTo(folder.resolve("model.t4j"));

        assertThat(ModelArchive.read(file, described -> {}).weights()).containsOnlyKeys("a", "b");
    }

    @Test
    void leavesOutUnknownPropertiesOfItsOwnJson() {
        Path file = ArchiveBuilding.good()
                .with("labels.json", "{\"classNames\":[\"a\"],\"later\":true}")
                .writeTo(folder.resolve("model.t4j"));

        assertThat(ModelArchive.read(file, described -> {}).classNames()).containsExactly("a");
    }

    @Test
    void refusesATopologyWithAForeignClassBeforeItReadsWeights() {
        assertRefused(
                ArchiveBuilding.good()
                        .with("topology.json", "{\"vertices\":{\"a\":{\"@class\":\"com.example.Evil\"}}}")
                        .withWeights("{", 8),
                "@class is \"com.example.Evil\"");
    }

    private void assertRefused(ArchiveBuilding building, String message) {
        Path file = building.writeTo(folder.resolve("model.t4j"));
        assertThatThrownBy(() -> ModelArchive.read(file, described -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(((ModelFileException) e).file()).contains(file));
    }
}
