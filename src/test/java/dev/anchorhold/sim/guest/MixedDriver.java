package dev.anchorhold.sim.guest;

import java.util.function.LongConsumer;

/**
 * Runs real guests for the first servers, and validates user data only for those beyond, so that a fleet of hundreds
 * costs no more than a few.
 */
final class MixedDriver implements GuestDriver {

    private final RealDriver real;
    private final SchemaDriver schema;
    private final int maxReal;

    MixedDriver(RealDriver real, SchemaDriver schema, int maxReal) {
        this.real = real;
        this.schema = schema;
        this.maxReal = maxReal;
    }

    /** One call at a time, so that there are never more real guests than allowed. */
    @Override
    public synchronized void create(Machine machine) {
        var fits = real.knows(machine.serverId()) || real.count() < maxReal;
        (fits ? real : schema).create(machine);
    }

    @Override
    public void start(long serverId) {
        driver(serverId).start(serverId);
    }

    @Override
    public void stop(long serverId, boolean graceful) {
        driver(serverId).stop(serverId, graceful);
    }

    @Override
    public void reboot(long serverId, boolean graceful) {
        driver(serverId).reboot(serverId, graceful);
    }

    @Override
    public void destroy(long serverId) {
        driver(serverId).destroy(serverId);
    }

    @Override
    public void applyFirewall(long serverId, Inbound inbound) {
        driver(serverId).applyFirewall(serverId, inbound);
    }

    @Override
    public void attachVolume(long serverId, Volume volume) {
        driver(serverId).attachVolume(serverId, volume);
    }

    @Override
    public void detachVolume(long serverId, long volumeId) {
        driver(serverId).detachVolume(serverId, volumeId);
    }

    @Override
    public void deleteVolume(long volumeId) {
        real.deleteVolume(volumeId);
    }

    @Override
    public String run(long serverId, String... words) {
        return driver(serverId).run(serverId, words);
    }

    @Override
    public void whenOff(LongConsumer listener) {
        real.whenOff(listener);
    }

    @Override
    public String describe(long serverId) {
        var description = driver(serverId).describe(serverId);
        return real.knows(serverId) || description.equals("no machine")
                ? description
                : "%s (beyond the %d real guests of this world)".formatted(description, maxReal);
    }

    private GuestDriver driver(long serverId) {
        return real.knows(serverId) ? real : schema;
    }

    @Override
    public void close() {
        real.close();
        schema.close();
    }
}
