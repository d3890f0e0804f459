package org.transfer4j.internal.chart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A page that loads nothing, in the one style of all pages, for light and dark screens. What is not said to be escaped is HTML. */
public final class HtmlPage {
    /** Columns of a table. */
    private static final int TEXTS = 2;

    private final StringBuilder page = new StringBuilder();

    /** Begins it; the title is escaped. */
    public HtmlPage(String title) {
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                // whatever a name should contain: nothing is loaded and no form is sent
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
                        + " 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri"
                        + " 'none'\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
                .append(escape(title))
                .append("</title>\n<style>\n")
                .append(resource("page.css"))
                .append("</style>\n</head>\n<body>\n<main>\n<h1>")
                .append(escape(title))
                .append("</h1>\n");
    }

    private static String resource(String name) {
        try (InputStream stream = Objects.requireNonNull(HtmlPage.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("a part of the library can't be read: " + name, e);
        }
    }

    /** Adds HTML. */
    public HtmlPage append(String html) {
        page.append(html);
        return this;
    }

    /** Adds a section. */
    public HtmlPage section(String id, String heading, String content) {
        return append("<section id=\"" + id + "\">\n<h2>" + heading + "</h2>\n" + content + "\n</section>\n");
    }

    /** A figure among others, for a list of the class {@code figures}; a note in small print, or "". */
    public static String figure(String name, String value, String note) {
        return "<div><dt>" + name + "</dt><dd>" + value + (note.isEmpty() ? "" : " <small>" + note + "</small>")
                + "</dd></div>\n";
    }

    /** What may be wider than the page, and moves sideways then. */
    public static String wide(String content) {
        return "<div class=\"wide\">" + content + "</div>";
    }

    /** A table whose columns sort it, where they have headings; the first two are text, the others numbers. */
    public static String table(List<String> headings, Stream<String> rows) {
        StringBuilder table = new StringBuilder("<table class=\"sortable\">\n<thead><tr>");
        IntStream.range(0, headings.size())
                .filter(i -> !headings.get(i).isEmpty())
                .forEach(i -> table.append(i < TEXTS ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"number\">")
                        .append("<button type=\"button\">" + headings.get(i) + "</button></th>"));
        table.append("</tr></thead>\n<tbody>\n");
        rows.forEach(table::append);
        return wide(table.append("</tbody>\n</table>").toString());
    }

    /** A name, a second one or "", both escaped, and numbers. */
    public static String row(String first, String second, Object... numbers) {
        StringBuilder row = new StringBuilder("<tr><th scope=\"row\">")
                .append(escape(first))
                .append("</th>");
        row.append(second.isEmpty() ? "" : "<td>" + escape(second) + "</td>");
        for (Object number : numbers) {
            row.append("<td class=\"number\">").append(number).append("</td>");
        }
        return row.append("</tr>\n").toString();
    }

    /** The bytes of a PNG as an element, or nothing of none. */
    public static String picture(byte[] png) {
        return png.length == 0
                ? ""
                : "<img alt=\"\" src=\"data:image/png;base64,"
                        + Base64.getEncoder().encodeToString(png) + "\">";
    }

    /** Ends the page. */
    public String write() {
        return page + "</main>\n<script>\n" + resource("page.js") + "</script>\n</body>\n</html>\n";
    }

    /**
     * A text that is shown as it is, in an element or in a quoted attribute: it begins no element and ends no attribute.
     * Characters that a page must not have are replaced by U+FFFD.
     */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            switch (point) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n', '\t' -> escaped.appendCodePoint(point);
                default -> escaped.appendCodePoint(isShown(point) ? point : 0xFFFD);
            }
        });
        return escaped.toString();
    }

    /** Neither a control character, half of a pair, nor one that turns the direction of what follows. */
    private static boolean isShown(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.SURROGATE, Character.UNASSIGNED -> false;
            case Character.FORMAT -> !(point >= 0x202A && point <= 0x202E) && !(point >= 0x2066 && point <= 0x2069);
            default -> true;
        };
    }
}
