package dev.anchorhold.operator;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.cloudflare.CloudflareClient;
import dev.anchorhold.cloud.cloudflare.CloudflareInventory;
import dev.anchorhold.cloud.cloudflare.RecordCalls;
import dev.anchorhold.cloud.cloudflare.TunnelCalls;
import dev.anchorhold.cloud.cloudflare.Zone;
import java.util.Optional;

/**
 * One ProviderConfig's Cloudflare account and zone while the operator runs. There is one only after the token was seen to open exactly these.
 *
 * @param setbacks what was refused to the credential itself; those of Agents are with their {@link CloudSession}
 */
public record CloudflareSession(
        String provider, CloudflareClient client, Zone zone, CloudflareInventory inventory, Setbacks setbacks)
        implements AutoCloseable {

    public TunnelCalls tunnels() {
        return client.tunnels();
    }

    public RecordCalls records() {
        return client.records(zone.id());
    }

    /** The answer by which Cloudflare refused the credential: to one of our calls, or to the inventory's last look. */
    public Optional<CloudException> credentialsRefused() {
        return setbacks.of(provider, CloudSession.CREDENTIALS, 0)
                .map(Setbacks.Setback::error)
                .or(() -> inventory.lastFailure().filter(CloudException.Unauthorized.class::isInstance));
    }

    /** Tells the session what a call was answered, where that concerns more than the call. */
    public void heed(CloudException error) {
        if (error instanceof CloudException.Unauthorized) {
            setbacks.failed(provider, CloudSession.CREDENTIALS, 0, error);
        }
    }

    @Override
    public void close() {
        inventory.close();
    }
}
