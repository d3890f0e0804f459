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

    /**
     * The library's median; for each peer the median of how many times faster, or smaller, the library was in each round, and in
     * brackets the peer's median.
     */
    String row(List<Peer> columns) {
        StringBuilder row = new StringBuilder("| " + measured + " | " + rounded(median(library)) + " |");
        for (Peer peer : columns) {
            double[] figures = peers.get(peer);
            row.append(' ').append(figures == null ? NONE : cell(figures)).append(" |");
        }
        return row.toString();
    }

    /** A round's two figures were measured one after the other: the machine was most likely as fast in both. */
    private String cell(double[] peer) {
        double[] ratios = new double[library.length];
        for (int round = 0; round < ratios.length; round++) {
            double faster = library[round] / peer[round];
            ratios[round] = measured.isCost() ? 1 / faster : faster;
        }
        return String.format(Locale.ROOT, "%.2f (%s)", median(ratios), rounded(median(peer)));
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
