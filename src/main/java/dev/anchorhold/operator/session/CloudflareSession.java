package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.cloudflare.CloudflareClient;
import dev.anchorhold.cloud.cloudflare.CloudflareInventory;
import dev.anchorhold.cloud.cloudflare.DnsRecordClient;
import dev.anchorhold.cloud.cloudflare.DnsZone;
import dev.anchorhold.cloud.cloudflare.TunnelClient;
import dev.anchorhold.operator.backoff.FailureBackoff;
import java.util.Map;
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
    public static final String TUNNELS = "Cloudflare Tunnel: Edit";
    public static final String RECORDS = "DNS: Edit";

    public TunnelClient tunnels() {
        return client.tunnels();
    }

    public DnsRecordClient records() {
        return client.records(zone.id());
    }

    /**
     * The answer by which Cloudflare refused the credential and for which it is left alone: to one of our calls, or to
     * the inventory's last poll. When the time is over the next write is the probe.
     */
    public Optional<CloudException> credentialsRefused() {
        return refusals(backoff.blockingAll(provider, 0))
                .or(() -> inventory.lastFailure().filter(CloudException.Unauthorized.class::isInstance));
    }

    /** The same, until a write of the same kind is accepted again: time alone proves nothing (H28). */
    public Optional<CloudException> credentialsInDoubt() {
        return credentialsRefused().or(() -> refusals(backoff.lastFailures(provider)));
    }

    /** The same one each time, however many there are. */
    private static Optional<CloudException> refusals(Map<String, FailureBackoff.Failure> failures) {
        return failures.entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .map(refused -> refused.getValue().error());
    }

    /**
     * Records in the session what a call was answered, where that concerns more than the call.
     *
     * @param permission what the token must be allowed for it: it may lack one and have another
     */
    public void recordCredentialFailure(String permission, CloudException error) {
        if (error instanceof CloudException.Unauthorized) {
            backoff.recordFailure(provider, permission, 0, error);
        }
    }

    /** A write was accepted. */
    public void recordCredentialSuccess(String permission) {
        backoff.recordSuccess(provider, permission);
    }

    @Override
    public void close() {
        inventory.close();
    }
}
