package dev.anchorhold.world;

import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.sim.cloudflare.Edge;
import dev.anchorhold.sim.guest.GuestDrivers;
import java.net.URI;
import java.nio.file.Path;

/** Runs the simulated Cloudflare with its edge, to which guests' connectors dial; its state survives a restart. */
public final class CloudflarePart implements WorldPart {
    /** Browsers and curl take every name below localhost for this machine. */
    public static final String ZONE = "anchorhold.localhost";

    private static final int USUAL_PORT = 18_089;
    private static final int USUAL_EDGE_PORT = 18_080;
    private static final int USUAL_CONNECTOR_PORT = 17_844;

    private final CloudflareSimulator simulator;
    private final Edge edge;
    private final String connectors;

    private CloudflarePart(CloudflareSimulator simulator, Edge edge, int connectorPort) {
        this.simulator = simulator;
        this.edge = edge;
        this.connectors = "127.0.0.1:" + connectorPort;
    }

    /** @param world the world's folder, with Cloudflare's state and the guests whose connectors dial in below it */
    public static CloudflarePart start(Path world) {
        CloudflareSimulator simulator = CloudflareSimulator.start(
                new CloudflareOptions().port(Ports.freeFrom(USUAL_PORT)).dataFolder(world.resolve("cloudflare")));
        int connectorPort = Ports.freeFrom(USUAL_CONNECTOR_PORT);
        Edge edge = Edge.start(simulator, Ports.freeFrom(USUAL_EDGE_PORT), connectorPort);
        GuestDrivers.edge(world, connectorPort);
        return new CloudflarePart(simulator, edge, connectorPort);
    }

    public CloudflareSimulator simulator() {
        return simulator;
    }

    /** The address of the edge, where the public requests any host. */
    public URI edge() {
        return edge.uri();
    }

    /** Where connectors dial in, as an official one does with {@code --edge}. */
    public String connectors() {
        return connectors;
    }

    /** The URL of a host at the edge, for ProviderConfigs. */
    public String publicUrl() {
        return "http://{host}:" + edge.uri().getPort();
    }

    @Override
    public String name() {
        return "cloudflare";
    }

    @Override
    public Health health() {
        return Health.of(
                URI.create(simulator.endpoint() + "/zones"),
                400,
                "%s, edge %s, connectors at %s, console %s"
                        .formatted(simulator.endpoint(), edge.uri(), connectors, simulator.consoleUri()));
    }

    @Override
    public void close() {
        edge.close();
        simulator.close();
    }
}
