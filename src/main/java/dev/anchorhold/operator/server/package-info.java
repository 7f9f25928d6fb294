/**
 * What all kinds do with a server, whichever stands for which: how it is seen ({@code ServerObservation}), what is to be bought
 * ({@code ServerTypeCandidates}), what it needs ({@code ServerNeeds}, pure), and the work on it. The kinds' packages use it; it knows none
 * of them.
 */
package dev.anchorhold.operator.server;
