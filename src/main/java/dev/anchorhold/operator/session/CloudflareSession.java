package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.cloudflare.CloudflareClient;
import dev.anchorhold.cloud.cloudflare.CloudflareInventory;
import dev.anchorhold.cloud.cloudflare.DnsRecordClient;
import dev.anchorhold.cloud.cloudflare.DnsZone;
import dev.anchorhold.cloud.cloudflare.TunnelClient;
import dev.anchorhold.operator.backoff.FailureBackoff;
import java.util.Optional;

/**
 * Open session of one ProviderConfig's Cloudflare account and zone: client, inventory, back-off. There is one only
 * after the token was seen to open exactly these.
 *
 * @param backoff what was refused to the credential itself; those of Agents are with their {@link HetznerSession}
 */
public record CloudflareSession(
        String provider, CloudflareClient client, DnsZone zone, CloudflareInventory inventory, FailureBackoff backoff)
        implements AutoCloseable {

    public TunnelClient tunnels() {
        return client.tunnels();
    }

    public DnsRecordClient records() {
        return client.records(zone.id());
    }

    /** The answer by which Cloudflare refused the credential: to one of our calls, or to the inventory's last poll. */
    public Optional<CloudException> credentialsRefused() {
        return backoff.blocking(provider, HetznerSession.CREDENTIAL_CHECK, 0)
                .map(FailureBackoff.Failure::error)
                .or(() -> inventory.lastFailure().filter(CloudException.Unauthorized.class::isInstance));
    }

    /** Records in the session what a call was answered, where that concerns more than the call. */
    public void recordCredentialFailure(CloudException error) {
        if (error instanceof CloudException.Unauthorized) {
            backoff.recordFailure(provider, HetznerSession.CREDENTIAL_CHECK, 0, error);
        }
    }

    @Override
    public void close() {
        inventory.close();
    }
}
