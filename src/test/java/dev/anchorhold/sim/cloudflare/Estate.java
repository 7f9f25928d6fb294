package dev.anchorhold.sim.cloudflare;

import dev.anchorhold.sim.cloud.SimulatedCloud;
import dev.anchorhold.sim.cloud.SimulatorClock;
import dev.anchorhold.sim.cloud.Tables;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What all families share: the lock, the rows, time, accounts, zones and knobs. */
final class Estate extends SimulatedCloud {
    final Tables tables;
    final Knobs knobs = new Knobs();
    /** By id. */
    final Map<String, Account> accounts = new LinkedHashMap<>();
    /** By id. */
    final Map<String, Zone> zones = new LinkedHashMap<>();

    Estate(Path folder, SimulatorClock clock) {
        super(clock);
        var file = folder == null ? null : folder.resolve("cloudflare.jsonl");
        tables = new Tables(file, List.of(Row.Tunnel.class, Row.Record.class), 1);
    }

    @Override
    protected void commit() {
        tables.commit();
    }

    @Override
    protected void closeBooks() {
        tables.close();
    }

    /** Gives a new row its number, id and birthday. */
    <T extends Row> T born(T row, String id) {
        row.number = tables.takeNumber();
        row.id = id;
        row.created = now();
        row.listedFrom = now().plus(knobs.listLag);
        return row;
    }

    /** The account's, deleted ones too, newest first. */
    Stream<Row.Tunnel> tunnels(Account account) {
        return tables.all(Row.Tunnel.class)
                .filter(tunnel -> tunnel.account.equals(account.id))
                .sorted((a, b) -> Long.compare(b.number, a.number));
    }

    boolean listed(Row row) {
        return !now().isBefore(row.listedFrom);
    }

    Account account(String name) {
        return accounts.values().stream()
                .filter(account -> account.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such account: " + name));
    }

    Zone zone(String name) {
        return zones.values().stream()
                .filter(zone -> zone.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such zone: " + name));
    }

    /** Cloudflare speaks in microseconds. */
    static String time(Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MICROS).toString();
    }
}
