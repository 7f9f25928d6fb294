/** Tests of the dashboard, in a browser, and of what lets people into it. */
package dev.anchorhold.dashboard;
