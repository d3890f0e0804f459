package org.transfer4j.internal.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.SeededAugmentation;

/** What passes the trunk, known by its content. Safe for use by several threads. */
interface PassImages {
    int size();

    /** 32 bytes that are the same only where all that the trunk gets is the same. */
    byte[] contentDigest(int index);

    int classIndex(int index);

    /** For messages. */
    String sourceOf(int index);

    /** Reads some of them, as the recipe wants them. */
    BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize);

    /** The images of a dataset as they are. */
    record Plain(ImageDataset dataset) implements PassImages {
        @Override
        public int size() {
            return dataset.size();
        }

        @Override
        public byte[] contentDigest(int index) {
            return dataset.contentDigest(index);
        }

        @Override
        public int classIndex(int index) {
            return dataset.classIndex(index);
        }

        @Override
        public String sourceOf(int index) {
            return dataset.sourceOf(index);
        }

        @Override
        public BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize) {
            return new DatasetSource(dataset.select(indices))
                    .open(recipe.height(), recipe.width(), recipe.preprocessing(), batchSize);
        }
    }

    /**
     * Several variants of each image of a dataset: all of the first image, then those of the second, and so on. A variant is
     * known by the image's content and by all that decides what is done to it, also by the image's number, from which its
     * draws come, and what is mixed in: what is read from a cache is what would have been computed.
     */
    record Variants(ImageDataset dataset, SeededAugmentation augmentation, int variants, int height, int width)
            implements PassImages {
        private static final String KIND = "transfer4j augmented 1";

        @Override
        public int size() {
            return Math.multiplyExact(dataset.size(), variants);
        }

        @Override
        public byte[] contentDigest(int index) {
            byte[] recipe = (KIND + ": " + augmentation.augmentation()).getBytes(StandardCharsets.UTF_8);
            MessageDigest digest = Sha256.create();
            digest.update(ByteBuffer.allocate(Long.BYTES + 3 * Integer.BYTES)
                    .putLong(augmentation.seed())
                    .putInt(index / variants)
                    .putInt(index % variants)
                    .putInt(recipe.length)
                    .array());
            digest.update(recipe);
            augmentation
                    .mixture(index / variants, index % variants + 1, dataset.size(), height, width)
                    .ifPresent(mixture -> {
                        digest.update(ByteBuffer.allocate(Integer.BYTES)
                                .putInt(mixture.partner())
                                .array());
                        digest.update(dataset.contentDigest(mixture.partner()));
                    });
            return digest.digest(dataset.contentDigest(index / variants));
        }

        @Override
        public int classIndex(int index) {
            return dataset.classIndex(index / variants);
        }

        @Override
        public String sourceOf(int index) {
            return dataset.sourceOf(index / variants);
        }

        @Override
        public BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize) {
            BatchSettings settings = BatchSettings.of(recipe.height(), recipe.width(), recipe.preprocessing())
                    .withBatchSize(batchSize);
            return new DatasetSource(dataset).openRows(indices, settings, augmentation, variants);
        }
    }
}
