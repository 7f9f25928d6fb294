package dev.anchorhold.sim.hetzner;

import dev.anchorhold.sim.guest.GuestDriver;

/** A driver without machines: for tests and benches of the API alone. */
public final class NoGuests implements GuestDriver {
    @Override
    public void create(Machine machine) {}

    @Override
    public void start(long serverId) {}

    @Override
    public void stop(long serverId, boolean graceful) {}

    @Override
    public void reboot(long serverId, boolean graceful) {}

    @Override
    public void destroy(long serverId) {}

    @Override
    public void applyFirewall(long serverId, Inbound inbound) {}

    @Override
    public void attachVolume(long serverId, Volume volume) {}

    @Override
    public void detachVolume(long serverId, long volumeId) {}

    @Override
    public String describe(long serverId) {
        return "no guest";
    }

    @Override
    public void close() {}
}
