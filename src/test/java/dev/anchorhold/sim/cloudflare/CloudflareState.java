package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.JournaledTables;
import dev.anchorhold.sim.cloud.SimulatedCloud;
import dev.anchorhold.sim.cloud.SimulatorClock;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The state of the simulated Cloudflare, shared by all handlers: the lock, the tables, the clock, accounts, zones and
 * knobs.
 */
final class CloudflareState extends SimulatedCloud {
    final JournaledTables tables;
    final CloudflareKnobs knobs = new CloudflareKnobs();
    /** By id. */
    final Map<String, SimulatedAccount> accounts = new LinkedHashMap<>();
    /** By id. */
    final Map<String, SimulatedZone> zones = new LinkedHashMap<>();

    CloudflareState(Path folder, SimulatorClock clock) {
        super(clock);
        var file = folder == null ? null : folder.resolve("cloudflare.jsonl");
        tables = new JournaledTables(file, List.of(CloudflareRow.Tunnel.class, CloudflareRow.Record.class), 1);
    }

    @Override
    protected void commit() {
        tables.commit();
    }

    @Override
    protected void closeTables() {
        tables.close();
    }

    /** Gives a new row its number, id and creation time. */
    <T extends CloudflareRow> T initialize(T row, String id) {
        row.number = tables.takeNumber();
        row.id = id;
        row.created = now();
        row.listedFrom = now().plus(knobs.listLag);
        return row;
    }

    /** The account's, deleted ones too, newest first. */
    Stream<CloudflareRow.Tunnel> tunnels(SimulatedAccount account) {
        return tables.all(CloudflareRow.Tunnel.class)
                .filter(tunnel -> tunnel.account.equals(account.id))
                .sorted((a, b) -> Long.compare(b.number, a.number));
    }

    boolean listed(CloudflareRow row) {
        return !now().isBefore(row.listedFrom);
    }

    SimulatedAccount account(String name) {
        return accounts.values().stream()
                .filter(account -> account.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such account: " + name));
    }

    SimulatedZone zone(String name) {
        return zones.values().stream()
                .filter(zone -> zone.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such zone: " + name));
    }

    /** A time as Cloudflare writes it: in microseconds. */
    static String time(Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MICROS).toString();
    }
}
