package dev.anchorhold.dashboard;

import io.quarkus.qute.TemplateExtension;

/** What templates call {@code page:…}: where files are, and where a bar of a chart begins. */
@TemplateExtension(namespace = "page")
final class PageExtensions {
    private static final double WHOLE = 100;

    private PageExtensions() {}

    /** Where a browser finds the style, the script or the icon. */
    static String file(String name) {
        return StaticFiles.address(name);
    }

    /** The upper end of a bar that stands on the chart's ground. */
    static double top(double height) {
        return WHOLE - height;
    }

    /** The same of one that stands on another. */
    static double top(double below, double height) {
        return Math.round((WHOLE - below - height) * 10) / 10.0;
    }
}
