/**
 * Proxies between two processes that hold a message at an exact point, so that a test can kill one of them there.
 * Everything else passes as it came. Nothing here ships.
 */
package dev.anchorhold.sim.proxy;
