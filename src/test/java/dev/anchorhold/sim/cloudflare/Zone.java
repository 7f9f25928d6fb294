package dev.anchorhold.sim.cloudflare;

/** A domain of an account's. */
record Zone(String id, String name, Account account) {
    Zone(String name, Account account) {
        this(Account.id("zone", name), name, account);
    }

    boolean holds(String host) {
        return host.equals(name) || host.endsWith("." + name);
    }
}
