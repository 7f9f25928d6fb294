/** Renders what the API serves as HTML, with Qute templates: plain pages that work without a script and on paper. */
package dev.anchorhold.api.html;
