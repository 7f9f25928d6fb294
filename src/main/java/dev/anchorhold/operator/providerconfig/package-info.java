/** The kind ProviderConfig: opens the cloud's session, tells whether the credentials hold, and looks for orphans. */
package dev.anchorhold.operator.providerconfig;
