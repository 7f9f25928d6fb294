/** The dashboard: pages for people who are signed in with a browser, below {@code /dashboard/}. It reads what the API reads, by the same rules. */
package dev.anchorhold.dashboard;
