package org.transfer4j.training;

import java.util.Locale;

/** An epoch's figures in one line, as Keras prints them. */
final class EpochLine {
    private EpochLine() {}

    static String of(EpochRecord record, int epochs) {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "Epoch %d/%d - loss: %.4f - accuracy: %.4f",
                record.epoch(),
                epochs,
                record.loss(),
                record.accuracy()));
        record.validationLoss().ifPresent(loss -> line.append(String.format(Locale.ROOT, " - val_loss: %.4f", loss)));
        record.validationAccuracy()
                .ifPresent(accuracy -> line.append(String.format(Locale.ROOT, " - val_accuracy: %.4f", accuracy)));
        return line.append(String.format(Locale.ROOT, " - %,.0f images/s", record.imagesPerSecond()))
                .toString();
    }
}
