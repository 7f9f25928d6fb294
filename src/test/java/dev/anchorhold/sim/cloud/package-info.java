/**
 * Framework that the simulated clouds share: the HTTP server with its faults, holds and request log; routes and
 * responses; time; the commit log that survives a kill; the console over HTTP. A cloud's own package says what its API
 * is.
 *
 * <p>Nothing here ships. It imports Vert.x and Jackson, and nothing of the product.
 */
package dev.anchorhold.sim.cloud;
