package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs a machine as a process on a network: systemd-nspawn or qemu. {@link RealDriver} does all the rest. A folder
 * belongs to one machine; everything that must outlast the power being off lies in it.
 */
interface GuestEngine extends AutoCloseable {

    /** The exit code by which a machine asks to be booted again. */
    int REBOOT = 133;

    /** Makes the disk unless it is there, and plugs the machine into the network unless it is plugged in. */
    void create(Machine machine, Path folder);

    /** Begins a boot. The process lives as long as the machine is on. */
    Process boot(Machine machine, Path folder);

    /** Asks the machine to shut down; may be asked more than once, and too early for the machine to hear it. */
    void pressPowerButton(Machine machine, Path folder, Process process);

    /** Ends the machine at once. */
    void pullPlug(Machine machine, Process process);

    void applyFirewall(Machine machine, Inbound inbound);

    void attach(Machine machine, Path folder, Volume volume);

    void detach(Machine machine, Path folder, long volumeId);

    /** Removes a volume's data; it is attached nowhere. */
    void delete(long volumeId);

    /** Takes the machine off the network and its volumes from it. The folder is the caller's to remove. */
    void remove(Machine machine, Path folder);

    /** {@link GuestDriver#run}; {@code process} is alive. */
    String run(Machine machine, Process process, List<String> words);

    /** What runs there, for people; {@code process} is alive. */
    String describe(Machine machine, Path folder, Process process);

    @Override
    void close();
}
