/**
 * Guest drivers: the machines behind simulated servers, by one small interface and several drivers. Nothing here
 * ships.
 */
package dev.anchorhold.sim.guest;
