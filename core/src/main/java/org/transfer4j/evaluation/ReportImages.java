package org.transfer4j.evaluation;

import static org.transfer4j.internal.chart.Markup.escape;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.transfer4j.inspection.DatasetInspection;
import org.transfer4j.internal.chart.HtmlPage;
import org.transfer4j.internal.chart.Thumbnails;

/**
 * What a report knows of its images beside figures.
 *
 * @param names where one comes from, by its number
 * @param pictures small PNGs of it, of no bytes where there is none
 * @param heatMaps the same with what the network looks at, null where nobody asked for it
 * @param inspection what was found in the data, null where nobody told
 */
record ReportImages(
        IntFunction<String> names,
        IntFunction<byte[]> pictures,
        @Nullable IntFunction<byte[]> heatMaps,
        @Nullable DatasetInspection inspection) {
    static final ReportImages NUMBERED = of(index -> "image " + index, index -> new byte[0]);

    static ReportImages of(IntFunction<String> names, IntFunction<byte[]> pictures) {
        return new ReportImages(names, pictures, null, null);
    }

    ReportImages with(@Nullable DatasetInspection found) {
        return new ReportImages(names, pictures, heatMaps, found);
    }

    ReportImages withHeatMaps(IntFunction<BufferedImage> overlay) {
        return new ReportImages(names, pictures, Thumbnails.of(overlay, names), inspection);
    }

    ReportImages withoutPaths() {
        return NUMBERED.with(inspection == null ? null : inspection.withoutPaths());
    }

    /** An image of a page, and what stands below it, in HTML. */
    record Shown(int index, String caption) {}

    /** A section of a page with pictures of some of them. */
    void section(HtmlPage page, String id, String heading, String words, List<Shown> some) {
        StringBuilder content = new StringBuilder("<p>").append(words);
        content.append(heatMaps == null || some.isEmpty() ? "" : " Beside each in orange, where the network looks.");
        content.append("</p>\n<div class=\"images")
                .append(heatMaps == null ? "" : " pairs")
                .append("\">\n");
        for (Shown image : some) {
            content.append("<figure>").append(HtmlPage.picture(pictures.apply(image.index())));
            content.append(heatMaps == null ? "" : HtmlPage.picture(heatMaps.apply(image.index())));
            content.append("<figcaption>").append(image.caption()).append("<br>");
            content.append("<span class=\"path\">").append(escape(names.apply(image.index())));
            content.append("</span></figcaption></figure>\n");
        }
        page.section(id, heading, content.append("</div>").toString());
    }

    /** A section of what was found in the data, where somebody told. */
    void inspection(HtmlPage page) {
        if (inspection != null) {
            page.section("data", "What was found in the data", "<pre>" + escape(inspection.toString()) + "</pre>");
        }
    }
}
