package org.transfer4j.internal.model;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One pass over one model file, front to back. What it takes of memory is bounded by the size of the file. */
final class ArchiveReading {
    private final FileChannel channel;
    private final StoredZipReader zip;

    ArchiveReading(FileChannel channel) {
        this.channel = channel;
        zip = new StoredZipReader(Channels.newInputStream(channel));
    }

    ModelContents read() throws IOException {
        requireOwnFormat();
        try {
            ModelManifest manifest = ModelManifest.fromJson(zip.readFirst(ModelManifest.NAME, ModelManifest.LARGEST));
            requireEntries(manifest);
            Map<String, String> texts = new HashMap<>();
            for (ModelManifest.Entry entry : manifest.entries()) {
                if (!entry.name().equals(ModelEntries.WEIGHTS)) {
                    texts.put(entry.name(), readText(entry));
                }
            }
            return contents(manifest, texts);
        } catch (EOFException e) {
            throw new MalformedModelException("the file is truncated: it ends after " + channel.size() + " bytes", e);
        }
    }

    /** The weights come last: all else is known to be right before memory is taken for them. */
    private ModelContents contents(ModelManifest manifest, Map<String, String> texts) throws IOException {
        String topology = text(texts, ModelEntries.TOPOLOGY);
        TopologyCheck.check(StrictJson.parse(ModelEntries.TOPOLOGY, topology));
        NetworkDescription network = NetworkJson.read(text(texts, ModelEntries.NETWORK));
        List<String> classNames = NetworkJson.readLabels(text(texts, ModelEntries.LABELS));
        String preprocessing = text(texts, ModelEntries.PREPROCESSING);
        StrictJson.parse(ModelEntries.PREPROCESSING, preprocessing);
        String history = text(texts, ModelEntries.HISTORY);
        StrictJson.parse(ModelEntries.HISTORY, history);
        Map<String, INDArray> weights =
                readWeights(manifest.entries().get(manifest.entries().size() - 1));
        return new ModelContents(
                manifest.libraryVersion(),
                manifest.backbone(),
                topology,
                network,
                preprocessing,
                classNames,
                history,
                weights);
    }

    private void requireOwnFormat() throws IOException {
        if (channel.size() == 0) {
            throw new MalformedModelException("the file is empty");
        }
        ByteBuffer head = ByteBuffer.allocate(ZipHeader.FIXED_LOCAL_LENGTH + ModelManifest.NAME.length());
        int count = 0;
        while (count >= 0 && head.hasRemaining()) {
            count = channel.read(head, head.position());
        }
        if (!StoredZipReader.nameIn(head.array()).equals(ModelManifest.NAME)) {
            throw new MalformedModelException(
                    "not a Transfer4J model; it looks like " + ForeignFormat.describe(channel));
        }
    }

    private static void requireEntries(ModelManifest manifest) throws MalformedModelException {
        List<String> names = new ArrayList<>();
        for (ModelManifest.Entry entry : manifest.entries()) {
            names.add(entry.name());
            if (entry.size() > StrictJson.LARGEST && !entry.name().equals(ModelEntries.WEIGHTS)) {
                throw new MalformedModelException(
                        entry.name() + " may have " + StrictJson.LARGEST + " bytes at most, but has " + entry.size());
            }
        }
        if (!names.equals(ModelEntries.ALL)) {
            throw new MalformedModelException(ModelManifest.NAME + ": the entries of format version "
                    + ModelManifest.VERSION + " are " + ModelEntries.ALL + ", but these are named: " + names);
        }
    }

    private String readText(ModelManifest.Entry entry) throws IOException {
        EntryInput in = zip.open(entry.name(), entry.size());
        byte[] bytes = in.readBytes((int) entry.size());
        requireDigest(entry, in.finish());
        return StrictJson.decode(entry.name(), bytes);
    }

    private Map<String, INDArray> readWeights(ModelManifest.Entry entry) throws IOException {
        EntryInput in = zip.open(entry.name(), entry.size());
        if (entry.size() > channel.size()) {
            throw new EOFException();
        }
        Map<String, INDArray> weights = Safetensors.read(in);
        try {
            requireDigest(entry, in.finish());
            zip.finish();
            return weights;
        } catch (IOException e) {
            Safetensors.close(weights);
            throw e;
        }
    }

    private static void requireDigest(ModelManifest.Entry entry, String sha256) throws MalformedModelException {
        if (!entry.sha256().equals(sha256)) {
            throw new MalformedModelException("the file is damaged: the SHA-256 of " + entry.name() + " must be "
                    + entry.sha256() + ", but is " + sha256);
        }
    }

    private static String text(Map<String, String> texts, String name) {
        String text = texts.get(name);
        if (text == null) {
            throw new IllegalStateException(name + " was not read");
        }
        return text;
    }
}
