package org.transfer4j.inspection;

import static org.transfer4j.internal.chart.HtmlPage.escape;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.transfer4j.internal.chart.HtmlPage;

/** An inspection as one page of HTML that loads nothing. Names, labels and paths are escaped, wherever they come from. */
final class InspectionPage {
    private static final int MOST_FINDINGS = 60;
    private static final int MOST_COPIES = 4;
    private static final int MOST_FORMS = 20;

    private InspectionPage() {}

    static String of(DatasetInspection inspection) {
        HtmlPage page = new HtmlPage("Inspection");
        figures(page, inspection);
        inspection.byKind().forEach((kind, found) -> {
            if (!found.isEmpty()) {
                page.section(
                        kind.key(),
                        kind.title(),
                        "<p>" + found.size() + ". " + kind.advice()
                                + (found.size() > MOST_FINDINGS ? " The first " + MOST_FINDINGS + " are shown." : "")
                                + "</p>\n" + findings(inspection, found));
            }
        });
        classes(page, inspection);
        forms(page, inspection);
        return page.write();
    }

    private static void figures(HtmlPage page, DatasetInspection inspection) {
        page.append("<section id=\"figures\">\n<dl class=\"figures\">\n")
                .append(HtmlPage.figure("images", Long.toString(inspection.size()), ""));
        inspection
                .byKind()
                .forEach((kind, found) -> page.append(HtmlPage.figure(
                        found.isEmpty() ? kind.title() : "<a href=\"#" + kind.key() + "\">" + kind.title() + "</a>",
                        Integer.toString(found.size()),
                        "")));
        page.append("</dl>\n</section>\n");
    }

    private static String findings(DatasetInspection inspection, List<Finding> found) {
        StringBuilder content = new StringBuilder();
        List<Finding> shown = found.subList(0, Math.min(MOST_FINDINGS, found.size()));
        if (shown.stream().allMatch(each -> each.images().isEmpty())) {
            content.append("<ul>\n");
            shown.forEach(each ->
                    content.append("<li>").append(escape(each.toString())).append("</li>\n"));
            return content.append("</ul>").toString();
        }
        content.append("<div class=\"images\">\n");
        for (Finding each : shown) {
            content.append("<figure>");
            List<InspectedImage> images = each.images();
            images.stream()
                    .limit(MOST_COPIES)
                    .map(image -> HtmlPage.picture(inspection.picture(image)))
                    .distinct()
                    .forEach(content::append);
            content.append("<figcaption>").append(escape(each.note())).append("<br>");
            images.stream()
                    .limit(MOST_COPIES)
                    .forEach(image -> content.append("<b>")
                            .append(escape(image.label()))
                            .append("</b> <span class=\"path\">")
                            .append(escape(image.part() + (image.part().isEmpty() ? "" : " ") + image.image()))
                            .append("</span><br>"));
            content.append(images.size() > MOST_COPIES ? "and " + (images.size() - MOST_COPIES) + " more" : "")
                    .append("</figcaption></figure>\n");
        }
        return content.append("</div>").toString();
    }

    private static void classes(HtmlPage page, DatasetInspection inspection) {
        Map<String, List<Object>> counts = new LinkedHashMap<>();
        List<String> headings = new ArrayList<>(List.of("class", ""));
        for (DatasetInspection.ClassCount each : inspection.classes()) {
            counts.computeIfAbsent(each.name(), name -> new ArrayList<>()).add(each.count());
            String heading = each.part().isEmpty() ? "images" : each.part();
            if (!headings.contains(heading)) {
                headings.add(heading);
            }
        }
        page.section(
                "classes",
                "Classes",
                HtmlPage.table(
                        headings,
                        counts.entrySet().stream()
                                .map(each -> HtmlPage.row(
                                        each.getKey(), "", each.getValue().toArray()))));
    }

    private static void forms(HtmlPage page, DatasetInspection inspection) {
        int more = inspection.forms().size() - MOST_FORMS;
        page.section(
                "forms",
                "Sizes and channels",
                HtmlPage.table(
                                List.of("form", "", "images"),
                                inspection.forms().stream()
                                        .limit(MOST_FORMS)
                                        .map(form -> HtmlPage.row(form.toString(), "", form.count())))
                        + (more > 0 ? "<p>And " + more + " more.</p>" : ""));
    }
}
