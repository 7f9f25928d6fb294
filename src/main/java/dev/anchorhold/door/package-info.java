/**
 * The guest door: where a server's guest authenticates and reports, over the internet. Deposits that wait sealed for a new
 * guest, the one-time bootstrap, guests' own keys, callback tokens, reports, log lines; and beside it the internal API by which
 * the operator deposits and reads. Knows the database and nothing of clouds; what it shares with the operator is in {@code
 * door.message}.
 */
package dev.anchorhold.door;
