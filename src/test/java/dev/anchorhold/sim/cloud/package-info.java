/**
 * What the simulated clouds share: the HTTP front with its faults, holds and log; routes and answers; time; the journal that
 * survives a kill; the console over HTTP. A cloud's own package says what its API is.
 *
 * <p>Nothing here ships. It imports Vert.x and Jackson, and nothing of the product.
 */
package dev.anchorhold.sim.cloud;
