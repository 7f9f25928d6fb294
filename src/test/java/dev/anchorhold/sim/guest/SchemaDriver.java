package dev.anchorhold.sim.guest;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A driver that runs no machine and only validates: the user data must be valid under {@code cloud-init schema}. It
 * costs next to nothing and is meant for fleets of hundreds. Nothing listens on a server's address, and nothing is
 * executed.
 */
public final class SchemaDriver implements GuestDriver {

    /** providers.md A.4. */
    private static final int MAX_USER_DATA = 32 * 1024;

    private final Map<Long, PaperMachine> machines = new ConcurrentHashMap<>();

    /** A machine that exists on paper only: the outcome of its validation, and its power. */
    private record PaperMachine(String validation, boolean on) {}

    @Override
    public void create(Machine machine) {
        machines.putIfAbsent(machine.serverId(), new PaperMachine(validation(machine), false));
    }

    /**
     * Validates a cloud-config document; scripts and other forms of user data are not read.
     *
     * @throws GuestFailure with the schema's messages when it is invalid
     */
    static String validation(Machine machine) {
        var userData = machine.userData().orElse("");
        var bytes = userData.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_USER_DATA) {
            throw new GuestFailure("user data has %d bytes, more than %d".formatted(bytes, MAX_USER_DATA), null);
        }
        if (userData.isEmpty()) {
            return "no user data";
        }
        if (!userData.startsWith("#cloud-config")) {
            return "user data is no cloud-config document: not judged";
        }
        var problems = CloudInitSchema.check(userData);
        if (!problems.isEmpty()) {
            throw new GuestFailure("user data is invalid: " + String.join("; ", problems), null);
        }
        return "user data is valid under cloud-init schema";
    }

    @Override
    public void start(long serverId) {
        setPower(serverId, true);
    }

    @Override
    public void stop(long serverId, boolean graceful) {
        setPower(serverId, false);
    }

    @Override
    public void reboot(long serverId, boolean graceful) {
        setPower(serverId, true);
    }

    private void setPower(long serverId, boolean on) {
        var known = machines.computeIfPresent(serverId, (id, paper) -> new PaperMachine(paper.validation, on));
        if (known == null) {
            throw new GuestFailure("no machine " + serverId, null);
        }
    }

    @Override
    public void destroy(long serverId) {
        machines.remove(serverId);
    }

    @Override
    public void applyFirewall(long serverId, Inbound inbound) {}

    @Override
    public void attachVolume(long serverId, Volume volume) {}

    @Override
    public void detachVolume(long serverId, long volumeId) {}

    @Override
    public String describe(long serverId) {
        var paper = machines.get(serverId);
        return paper == null
                ? "no machine"
                : "schema: %s, on paper only; %s".formatted(paper.on ? "on" : "off", paper.validation);
    }

    @Override
    public void close() {
        machines.clear();
    }
}
