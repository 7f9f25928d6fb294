/**
 * The demo that the chart brings with {@code demo.enabled}: the simulated clouds with played guests, PostgreSQL, keys, and objects to look
 * at. It runs from an image of its own; decision 0038 says why it is as it is.
 */
package dev.anchorhold.demo;
