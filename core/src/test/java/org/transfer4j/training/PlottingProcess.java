package org.transfer4j.training;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;

/** Draws plots where there may be no fonts. */
final class PlottingProcess {
    private PlottingProcess() {}

    /**
     * Draws a history as a listener, and a curve.
     *
     * @param arguments the folder
     */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        HistoryPlotter plotter = new HistoryPlotter(folder.resolve("history.png"));
        plotter.fitStarting();
        for (int epoch = 1; epoch <= 3; epoch++) {
            plotter.epochFinished(EpochRecord.builder(epoch)
                    .phase(1)
                    .iterations(epoch)
                    .training(1.0 / epoch, 0.5)
                    .learningRate(0.1)
                    .build());
        }
        new LearningRateCurve(List.of(0.1, 0.2, 0.4), List.of(3.0, 2.0, 4.0)).plot(folder.resolve("curve.png"));
        System.out.println("drawn " + (hasFonts() ? "with text" : "without text"));
    }

    private static boolean hasFonts() {
        Graphics2D graphics = new BufferedImage(10, 10, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            return graphics.getFontMetrics().stringWidth("text") > 0;
        } catch (InternalError | LinkageError | RuntimeException e) {
            return false;
        } finally {
            graphics.dispose();
        }
    }
}
