package dev.anchorhold.cloud.cloudflare;

import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.RateBudget;
import dev.anchorhold.cloud.Timeouts;
import dev.anchorhold.cloud.Transport;
import dev.anchorhold.cloud.Urgency;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import okhttp3.OkHttpClient;

/**
 * Client of the Cloudflare API v4 for one account. Each method is one call (a list that says so: one per page), made
 * once and at once, under the budget; every failure is a {@link dev.anchorhold.cloud.CloudException}. A write that ends
 * in {@code UnknownOutcome} may have happened. Blocks: call it from a virtual thread.
 */
public final class CloudflareClient {
    private final String accountId;
    private final CloudflareRequests calls;
    private final RateBudget budget;
    private final TunnelClient tunnels;

    /**
     * @param endpoint with its version: {@code https://api.cloudflare.com/client/v4}
     * @param token read at each call, so that a rotated one is used at once (F27)
     * @param http shared; its time-outs are replaced
     * @param provider the ProviderConfig's name, a label of the metrics
     */
    public CloudflareClient(
            String endpoint,
            String accountId,
            Supplier<String> token,
            OkHttpClient http,
            Timeouts timeouts,
            RateBudget budget,
            MeterRegistry meters,
            String provider) {
        var transport =
                new Transport(new CloudflareDialect(), endpoint, token, http, timeouts, budget, meters, provider);
        this.accountId = accountId;
        this.calls = new CloudflareRequests(transport);
        this.budget = budget;
        this.tunnels = new TunnelClient(calls, accountId);
    }

    /**
     * A budget that keeps to Cloudflare's rule (providers.md B.3): 1200 calls in any five minutes, half of them at once and the others as they
     * refill. Whoever exceeds it is shut out for five minutes, from the dashboard too.
     */
    public static RateBudget budget(InstantSource clock) {
        return new RateBudget(600, Duration.ofMinutes(5), clock);
    }

    public RateBudget budget() {
        return budget;
    }

    /** The account's zone of that name; empty if there is none that the token may see. */
    public Optional<DnsZone> zone(Urgency urgency, Purpose purpose, String name) {
        var url = calls.url("zones").addQueryParameter("name", name).addQueryParameter("account.id", accountId);
        return calls
                .requireItems(calls.get(urgency, purpose, url, CloudflareJson.ZonesAnswer.class)
                        .result())
                .stream()
                .filter(zone -> zone.name().equals(CloudflareJson.lowerCase(name)) && zone.isOf(accountId))
                .findFirst();
    }

    public TunnelClient tunnels() {
        return tunnels;
    }

    public DnsRecordClient records(String zoneId) {
        return new DnsRecordClient(calls, zoneId);
    }
}
