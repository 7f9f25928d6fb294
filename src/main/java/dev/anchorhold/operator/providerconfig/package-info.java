/**
 * The kind ProviderConfig: opens the cloud's session, writes whether the credentials are valid, and sweeps for orphans.
 */
package dev.anchorhold.operator.providerconfig;
