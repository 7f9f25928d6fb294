/** Guests: the machines behind simulated servers, by one small interface and three drivers. Nothing here ships. */
package dev.anchorhold.sim.guest;
