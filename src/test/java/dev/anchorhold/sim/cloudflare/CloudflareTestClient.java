package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.JsonHttpClient;
import java.net.URI;

/** A client for the tests of the simulated Cloudflare, with the requests that they make often. */
final class CloudflareTestClient extends JsonHttpClient {
    static final String ZONE = "anchorhold.localhost";
    final String tunnels = "/accounts/" + SimulatedAccount.id("account", "default") + "/cfd_tunnel";
    final String records = "/zones/" + SimulatedAccount.id("zone", ZONE) + "/dns_records";

    CloudflareTestClient(URI endpoint, String token) {
        super(endpoint, token);
    }

    static CloudflareTestClient of(CloudflareSimulator simulator) {
        return new CloudflareTestClient(simulator.endpoint(), simulator.token());
    }

    /** Fails unless it was created; its body has the tunnel as {@code result}. */
    Reply createTunnel(String name) {
        var reply = post(tunnels, "{\"name\":\"%s\",\"config_src\":\"cloudflare\"}".formatted(name));
        if (reply.status() != 200) throw new AssertionError(reply.text());
        return reply;
    }

    String tunnelId(String name) {
        return createTunnel(name).body().at("/result/id").asText();
    }

    String status(String tunnel) {
        return get(tunnels + "/" + tunnel).body().at("/result/status").asText();
    }

    /** @param more further fields, beginning with a comma */
    Reply createRecord(String name, String content, String more) {
        return post(
                records, "{\"type\":\"CNAME\",\"name\":\"%s\",\"content\":\"%s\"%s}".formatted(name, content, more));
    }
}
