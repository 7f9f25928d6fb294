package dev.anchorhold.demo;

import dev.anchorhold.sim.cloudflare.CloudflareOptions;
import dev.anchorhold.sim.cloudflare.CloudflareSimulator;
import dev.anchorhold.sim.guest.ScriptedGuests;
import dev.anchorhold.sim.hetzner.HetznerOptions;
import dev.anchorhold.sim.hetzner.HetznerSimulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The simulated Hetzner Cloud and Cloudflare for pods to call, as slow as the real ones, with played guests: there is no machine behind a
 * server, but an Agent's authenticates at the real door, and reports there.
 */
final class DemoClouds implements AutoCloseable {
    private static final Duration REPORTS = Duration.ofSeconds(10);
    private static final String ALL_ADDRESSES = "0.0.0.0";

    private final CloudflareSimulator cloudflare;
    private final HetznerSimulator hetzner;

    private DemoClouds(CloudflareSimulator cloudflare, HetznerSimulator hetzner) {
        this.cloudflare = cloudflare;
        this.hetzner = hetzner;
    }

    /** Returns when both listen, with all that they knew before. */
    static DemoClouds start(DemoSettings settings) throws IOException {
        Path state = settings.state().resolve("clouds");
        Path handover = settings.handover();
        CloudflareSimulator cloudflare = CloudflareSimulator.start(new CloudflareOptions()
                .host(ALL_ADDRESSES)
                .port(DemoSettings.CLOUDFLARE_PORT)
                .token(Files.readString(handover.resolve(DemoSetup.CLOUDFLARE_TOKEN)))
                .dataFolder(state.resolve("cloudflare")));
        HetznerSimulator hetzner = HetznerSimulator.start(new HetznerOptions()
                .host(ALL_ADDRESSES)
                .port(DemoSettings.HETZNER_PORT)
                .token(Files.readString(handover.resolve(DemoSetup.HETZNER_TOKEN)))
                .dataFolder(state.resolve("hetzner"))
                .guests(new ScriptedGuests(
                        token -> cloudflare.console().connect(token), REPORTS, Optional.of(state.resolve("guests")))));
        System.out.println("The simulated clouds listen. Their guests are played: no server of theirs is a machine.");
        return new DemoClouds(cloudflare, hetzner);
    }

    @Override
    public void close() {
        hetzner.close();
        cloudflare.close();
    }
}
