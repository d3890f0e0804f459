package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.Markup.escape;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.transfer4j.internal.chart.HtmlPage;
import org.transfer4j.internal.text.TextTable;

/** A report as one page of HTML that loads nothing. Names, labels and paths are escaped, wherever they come from. */
abstract class ReportPage<R extends Report<R>> {
    static final int MOST_IMAGES = 48;

    final R report;

    ReportPage(R report) {
        this.report = report;
    }

    /**
     * A number in large print.
     *
     * @param drawn whether its interval stands beside it
     */
    record Figure<R>(String name, ToDoubleFunction<R> value, DoubleFunction<String> text, boolean drawn) {
        static <R> Figure<R> of(String name, ToDoubleFunction<R> value) {
            return new Figure<>(name, value, ReportPage::three, true);
        }

        static <R> Figure<R> alone(String name, ToDoubleFunction<R> value) {
            return new Figure<>(name, value, ReportPage::three, false);
        }
    }

    abstract List<Figure<R>> figures();

    /** What the figures are of. */
    abstract void sections(HtmlPage page);

    /** The images to look at, and what is said of them. */
    abstract void hardest(HtmlPage page, ReportImages images);

    final String write(ReportImages images, ModelCard card) {
        HtmlPage page = new HtmlPage(card.title());
        figures(page);
        if (!card.history().epochs().isEmpty()) {
            page.section(
                    "training",
                    "Training",
                    "<div class=\"wide\">" + card.history().toSvg() + "</div>");
        }
        sections(page);
        hardest(page, images);
        images.inspection(page);
        modelCard(page, card);
        return page.write();
    }

    private void figures(HtmlPage page) {
        List<Figure<R>> figures = figures();
        Iterator<Interval> intervals = report.intervals(figures.stream()
                        .filter(Figure::drawn)
                        .map(Figure::value)
                        .toList())
                .iterator();
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n");
        page.append(HtmlPage.figure("images", Integer.toString(report.images), ""));
        for (Figure<R> figure : figures) {
            Interval interval = figure.drawn() ? intervals.next() : null;
            double value = figure.value().applyAsDouble(report);
            String ends = interval == null || !Double.isFinite(value)
                    ? ""
                    : figure.text().apply(interval.low()) + " to "
                            + figure.text().apply(interval.high());
            page.append(HtmlPage.figure(figure.name(), figure.text().apply(value), ends));
        }
        page.append("</dl>\n<p class=\"note\">In small print: 95% bootstrap intervals.</p>\n</section>\n");
    }

    private static void modelCard(HtmlPage page, ModelCard card) {
        StringBuilder content = new StringBuilder();
        if (!card.facts().isEmpty()) {
            content.append("<div class=\"wide\"><table>\n<tbody>\n");
            for (Map.Entry<String, String> fact : card.facts().entrySet()) {
                content.append(HtmlPage.row(fact.getKey(), fact.getValue().isEmpty() ? "-" : fact.getValue()));
            }
            content.append("</tbody>\n</table></div>\n");
        }
        if (!card.summary().isEmpty()) {
            content.append("<details><summary>The network</summary><pre>")
                    .append(escape(card.summary()))
                    .append("</pre></details>");
        }
        if (content.length() > 0) {
            page.section("card", "Model card", content.toString());
        }
    }

    static String three(double value) {
        return TextTable.decimals(value, 3);
    }
}
