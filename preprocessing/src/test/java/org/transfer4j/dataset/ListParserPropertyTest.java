package org.transfer4j.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.transfer4j.dataset.CsvList.TargetList;
import org.transfer4j.error.DatasetException;
import org.transfer4j.internal.image.ParserBounds;

/** The property of {@link ParserBounds} for the files that name or hold many images: valid files, changed. */
class ListParserPropertyTest {
    private static Path file;

    @BeforeContainer
    static void makeFile() throws IOException {
        file = Files.createTempFile("transfer4j-list", "");
    }

    @AfterContainer
    static void removeFile() throws IOException {
        Files.delete(file);
    }

    /** Any bytes, taken for the images of an IDX file. Also a target for a fuzzer, as the next ones. */
    static void fuzzIdxImages(byte[] bytes) {
        parse(bytes, () -> IdxReader.images(file));
    }

    /** Any bytes, taken for the labels of an IDX file. */
    static void fuzzIdxLabels(byte[] bytes) {
        parse(bytes, () -> IdxReader.labels(file, count -> {}));
    }

    /** Any bytes, taken for a CSV file. */
    static void fuzzCsv(byte[] bytes) {
        parse(bytes, () -> CsvList.read(file, ""));
    }

    /** Any bytes, taken for a CSV file of numbers. */
    static void fuzzTargets(byte[] bytes) {
        parse(bytes, () -> TargetList.read(file));
    }

    private static void parse(byte[] bytes, Runnable parser) {
        try {
            Files.write(file, bytes);
            parser.run();
        } catch (DatasetException expected) {
            // one of the two outcomes
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] idx() {
        return ByteBuffer.allocate(16 + 3 * 20)
                .putInt(0x803)
                .putInt(3)
                .putInt(4)
                .putInt(5)
                .array();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(packed)) {
            stream.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void idxImages(@ForAll long changes, @ForAll boolean packed, @ForAll boolean before) {
        byte[] bytes = before || !packed ? ParserBounds.changed(idx(), changes) : idx();
        byte[] outer = packed ? gzip(bytes) : bytes;
        ParserBounds.require(() -> fuzzIdxImages(before ? outer : ParserBounds.changed(outer, changes)));
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void idxLabels(@ForAll long changes) {
        byte[] labels = ByteBuffer.allocate(18)
                .putInt(0x801)
                .putInt(10)
                .putInt(0x01020304)
                .array();
        ParserBounds.require(() -> fuzzIdxLabels(ParserBounds.changed(labels, changes)));
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void csv(@ForAll long changes) {
        byte[] list = "path,label\r\na/b.jpg,cat\r\n\"c, d.png\",\"dog \"\"x\"\"\"\n\né.bmp,猫\n".getBytes(UTF_8);
        ParserBounds.require(() -> fuzzCsv(ParserBounds.changed(list, changes)));
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void csvOfNumbers(@ForAll long changes) {
        byte[] list = "path,age,\"a, b\"\r\na/b.jpg,3,-1.5e3\n\"c, d.png\", 7 ,.5\n\né.bmp,+0,1\n".getBytes(UTF_8);
        ParserBounds.require(() -> fuzzTargets(ParserBounds.changed(list, changes)));
    }
}
