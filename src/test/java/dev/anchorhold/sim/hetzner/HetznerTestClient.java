package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.cloud.JsonHttpClient;
import java.net.URI;

/** A client for the tests of the simulated Hetzner Cloud, with the requests that they make often. */
final class HetznerTestClient extends JsonHttpClient {
    HetznerTestClient(URI base, String token) {
        super(base, token);
    }

    static HetznerTestClient of(HetznerSimulator simulator) {
        return new HetznerTestClient(simulator.endpoint(), simulator.token());
    }

    /** Creates a small Debian server; returns its id. */
    long createServer(String name, String more) {
        var reply = post("/servers", serverBody(name, more));
        if (reply.status() != 201) throw new AssertionError(reply.text());
        return reply.body().at("/server/id").asLong();
    }

    static String serverBody(String name, String more) {
        return """
                {"name":"%s","server_type":"cpx22","image":"debian-12","location":"hel1"%s}""".formatted(name, more);
    }

    String status(long server) {
        return get("/servers/" + server).body().at("/server/status").asText();
    }
}
