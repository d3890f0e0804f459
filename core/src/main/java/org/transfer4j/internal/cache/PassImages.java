package org.transfer4j.internal.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.transfer4j.dataset.BatchSettings;
import org.transfer4j.internal.feature.BatchStream;
import org.transfer4j.internal.feature.DatasetSource;
import org.transfer4j.internal.feature.SeededAugmentation;
import org.transfer4j.internal.feature.Target;

/** What passes the trunk, known by its content. Safe for use by several threads. */
interface PassImages {
    int size();

    /** 32 bytes that are the same only where all that the trunk gets is the same. */
    byte[] contentDigest(int index);

    Target target(int index);

    /** For messages. */
    String sourceOf(int index);

    /** Reads some of them, as the recipe wants them. */
    BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize);

    /** The images of a dataset as they are. */
    record Plain(DatasetSource source) implements PassImages {
        @Override
        public int size() {
            return source.dataset().size();
        }

        @Override
        public byte[] contentDigest(int index) {
            return source.dataset().contentDigest(index);
        }

        @Override
        public Target target(int index) {
            return source.target(index);
        }

        @Override
        public String sourceOf(int index) {
            return source.dataset().sourceOf(index);
        }

        @Override
        public BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize) {
            return source.openSome(indices, recipe.height(), recipe.width(), recipe.preprocessing(), batchSize);
        }
    }

    /**
     * Several variants of each image of a dataset: all of the first image, then those of the second, and so on. A variant is
     * known by the image's content and by all that decides what is done to it, also by the image's number, from which its
     * draws come, and what is mixed in: what is read from a cache is what would have been computed.
     */
    record Variants(DatasetSource source, SeededAugmentation augmentation, int variants, int height, int width)
            implements PassImages {
        private static final String KIND = "transfer4j augmented 1";

        @Override
        public int size() {
            return Math.multiplyExact(source.dataset().size(), variants);
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
                    .mixture(
                            index / variants,
                            index % variants + 1,
                            source.dataset().size(),
                            height,
                            width)
                    .ifPresent(mixture -> {
                        digest.update(ByteBuffer.allocate(Integer.BYTES)
                                .putInt(mixture.partner())
                                .array());
                        digest.update(source.dataset().contentDigest(mixture.partner()));
                    });
            return digest.digest(source.dataset().contentDigest(index / variants));
        }

        @Override
        public Target target(int index) {
            return source.target(index / variants);
        }

        @Override
        public String sourceOf(int index) {
            return source.dataset().sourceOf(index / variants);
        }

        @Override
        public BatchStream open(int[] indices, FeatureRecipe recipe, int batchSize) {
            BatchSettings settings = BatchSettings.of(recipe.height(), recipe.width(), recipe.preprocessing())
                    .withBatchSize(batchSize);
            return source.openRows(indices, settings, augmentation, variants);
        }
    }
}
