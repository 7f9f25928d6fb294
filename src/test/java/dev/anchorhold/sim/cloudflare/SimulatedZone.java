package dev.anchorhold.sim.cloudflare;

/** A DNS zone of an account. */
record SimulatedZone(String id, String name, SimulatedAccount account) {
    SimulatedZone(String name, SimulatedAccount account) {
        this(SimulatedAccount.id("zone", name), name, account);
    }

    boolean holds(String host) {
        return host.equals(name) || host.endsWith("." + name);
    }
}
