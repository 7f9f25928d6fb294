/**
 * The operator's start, its parts' wiring and readiness. Below: {@code pipeline} (what all kinds share), {@code session}
 * (clouds and credentials), {@code fleet} (caches of our kinds), {@code backoff}, {@code journal}, {@code door},
 * {@code server}, and a package a kind. Knows the clouds, never the database.
 */
package dev.anchorhold.operator;
