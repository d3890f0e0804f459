package org.transfer4j.benchmarks;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured for one case, by round: one row of the table. */
final class Figures {
    private static final String NONE = "-";

    private final Case measured;
    private final double[] library;
    private final Map<Peer, double[]> peers = new EnumMap<>(Peer.class);

    Figures(Case measured, int rounds) {
        this.measured = measured;
        this.library = new double[rounds];
    }

    void library(int round, double figure) {
        library[round] = figure;
    }

    void peer(Peer peer, int round, double figure) {
        peers.computeIfAbsent(peer, any -> new double[library.length])[round] = figure;
    }

    static String header(List<Peer> columns) {
        StringBuilder header = new StringBuilder("| | Transfer4J |");
        StringBuilder line = new StringBuilder("|---|---|");
        for (Peer peer : columns) {
            header.append(" over ").append(peer.title()).append(" |");
            line.append("---|");
        }
        return header + System.lineSeparator() + line;
    }

    /** The library's median; for each peer how many times faster the library is, and in brackets the peer's median. */
    String row(List<Peer> columns) {
        StringBuilder row = new StringBuilder("| " + measured + " | " + rounded(median(library)) + " |");
        for (Peer peer : columns) {
            double[] figures = peers.get(peer);
            row.append(' ')
                    .append(figures == null ? NONE : cell(median(figures)))
                    .append(" |");
        }
        return row.toString();
    }

    private String cell(double peer) {
        double ours = median(library);
        double ratio = measured.isLatency() ? peer / ours : ours / peer;
        return String.format(Locale.ROOT, "%.2f (%s)", ratio, rounded(peer));
    }

    private static String rounded(double figure) {
        return String.format(Locale.ROOT, figure < 1000 ? "%.1f" : "%.0f", figure);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
