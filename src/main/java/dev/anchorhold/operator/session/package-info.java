/**
 * A session for each ProviderConfig: the clients of its clouds, their inventories, credentials and back-off, and what an
 * installation has once in each project (the sealed key, the firewall without rules). Opened, renewed and closed as
 * ProviderConfigs and their Secrets change.
 */
package dev.anchorhold.operator.session;
