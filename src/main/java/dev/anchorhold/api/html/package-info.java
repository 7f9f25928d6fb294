/** The pages that people read, as plain HTML that works without a script and on paper: what to show, and Qute templates that show it. */
package dev.anchorhold.api.html;
