/** Tests of what an installation tells of itself: metrics, alerts, the dashboard, logs, readiness. */
package dev.anchorhold.signals;
