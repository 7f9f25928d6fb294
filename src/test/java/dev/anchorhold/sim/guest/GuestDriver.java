package dev.anchorhold.sim.guest;

import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Runs the machines behind simulated servers. The simulator holds the cloud's state (ids, actions, labels); a driver
 * makes it true, as far as the computer it runs on allows (docs/guests.md).
 *
 * <p>Calls for one server come one after another, in the order of its actions; calls for different servers come side
 * by side. Every call is idempotent: asking for what is already so is no error. A call that cannot be carried out
 * throws {@link GuestFailure}, which the simulator turns into a failed action.
 */
public interface GuestDriver extends AutoCloseable {

    /** Makes the machine (disk, network, metadata) without starting it. */
    void create(Machine machine);

    /** Powers the machine on. Returns when the boot has begun, not when it is over. */
    void start(long serverId);

    /** Powers it off: {@code graceful} presses the button and waits up to 30 s, otherwise the plug is pulled. */
    void stop(long serverId, boolean graceful);

    void reboot(long serverId, boolean graceful);

    /** Removes the machine and its disk, whatever state it is in. */
    void destroy(long serverId);

    /** The effective inbound rules of all firewalls on the server, enforced outside of it. */
    void applyFirewall(long serverId, Inbound inbound);

    /** Attaches a volume to the machine, with all that was ever written to it; or shows its new size, when it is attached already. */
    void attachVolume(long serverId, Volume volume);

    /** Detaches a volume from the machine, also while it runs; its data stays. */
    void detachVolume(long serverId, long volumeId);

    /** Removes a volume's data, once it is attached nowhere. */
    default void deleteVolume(long volumeId) {}

    /**
     * Runs a command by the guest's own init, whether or not anything listens there; returns its output.
     *
     * @throws GuestFailure when it fails, and where there is no guest that could run it
     */
    default String run(long serverId, String... words) {
        throw new GuestFailure("server %d is on paper only".formatted(serverId), null);
    }

    /**
     * Sets the listener for servers that went off without being asked to from here: the guest powered itself off, or crashed.
     * To be set before any machine starts; it is called with the server's id, on a thread of the driver.
     */
    default void whenOff(LongConsumer listener) {}

    /** The state of the guest, for people: one line. */
    String describe(long serverId);

    /** Stops all machines and takes down what the driver made on this computer. Disks stay for the next start. */
    @Override
    void close();

    /**
     * @param serverId the Hetzner id; also the SMBIOS serial and the cloud-init instance id
     * @param hostname the server's name
     * @param image the system image's name, such as {@code debian-12}
     * @param ipv4 the public address, absent when IPv4 is disabled
     * @param ipv6Network the public /64, such as {@code 2001:db8:1:2::/64}, absent when IPv6 is disabled
     * @param publicKeys the project's SSH keys given at creation, as OpenSSH lines (metadata service)
     * @param userData the user data as given, absent when there was none
     */
    record Machine(
            long serverId,
            String hostname,
            String image,
            String location,
            Optional<String> ipv4,
            Optional<String> ipv6Network,
            List<String> publicKeys,
            Optional<String> userData) {}

    /**
     * @param open true when no firewall is applied: everything passes
     * @param rules allowed inbound traffic otherwise; empty means that nothing passes
     */
    record Inbound(boolean open, List<Rule> rules) {
        public static final Inbound OPEN = new Inbound(true, List.of());
    }

    /**
     * @param protocol {@code tcp, udp, icmp, esp, gre}
     * @param ports {@code 80}, {@code 1024-5000} or {@code any}; absent for protocols without ports
     * @param sources canonical CIDRs, IPv4 and IPv6
     */
    record Rule(String protocol, Optional<String> ports, List<String> sources) {}

    /**
     * @param linuxDevice {@code /dev/disk/by-id/scsi-0HC_Volume_<id>}
     * @param format the file system that it is created with, {@code ext4} or {@code xfs}
     */
    record Volume(long id, int sizeGiB, String linuxDevice, Optional<String> format) {}

    /** The machine could not do it; the message is for people. */
    final class GuestFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public GuestFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
