/**
 * The kind Account: whether objects can be built for it, and how many it has. Observes accounts and counts their
 * objects; writes the account's status.
 */
package dev.anchorhold.operator.account;
