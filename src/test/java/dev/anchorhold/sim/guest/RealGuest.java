package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import dev.anchorhold.sim.guest.GuestDriver.Inbound;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import dev.anchorhold.sim.guest.GuestDriver.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * One machine of a {@link RealDriver} and its process. Only {@link #supervise} runs beside the calls for it, which
 * come one after another.
 */
final class RealGuest {

    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new Jdk8Module());

    private final Machine machine;
    private final Path folder;
    private final GuestEngine engine;
    private final LongConsumer whenOff;
    private Inbound inbound;
    private volatile boolean claimed;
    private Thread supervisor;
    private volatile Process process;
    private volatile boolean wantedOn;

    /** What {@code machine.json} holds. */
    private record SavedMachine(Machine machine, Inbound inbound) {}

    /**
     * @param world the world's folder for guests
     * @param whenOff called when it goes off without being asked to
     */
    RealGuest(Machine machine, Inbound inbound, Path world, GuestEngine engine, LongConsumer whenOff) {
        this.machine = machine;
        this.inbound = inbound;
        this.folder = world.resolve(Long.toString(machine.serverId()));
        this.engine = engine;
        this.whenOff = whenOff;
    }

    /** Restores those that are saved below a world's folder. */
    static List<RealGuest> restore(Path world, GuestEngine engine, LongConsumer whenOff) {
        try (Stream<Path> folders = Files.list(world)) {
            var restored = new ArrayList<RealGuest>();
            for (var file : folders.map(each -> each.resolve("machine.json"))
                    .filter(Files::exists)
                    .toList()) {
                var savedMachine = JSON.readValue(file.toFile(), SavedMachine.class);
                restored.add(new RealGuest(savedMachine.machine, savedMachine.inbound, world, engine, whenOff));
            }
            return restored;
        } catch (IOException e) {
            throw new GuestFailure("machines cannot be restored from " + world, e);
        }
    }

    Machine machine() {
        return machine;
    }

    /** Whether it was created by this process. One that is only restored may be of a server that no longer exists. */
    boolean claimed() {
        return claimed;
    }

    void create() {
        claimed = true;
        engine.create(machine, folder);
        filter(inbound);
    }

    void filter(Inbound wanted) {
        engine.applyFirewall(machine, wanted);
        inbound = wanted;
        try {
            JSON.writeValue(folder.resolve("machine.json").toFile(), new SavedMachine(machine, inbound));
        } catch (IOException e) {
            throw new GuestFailure("the machine cannot be saved in " + folder, e);
        }
    }

    void start() {
        if (on()) {
            return;
        }
        create();
        wantedOn = true;
        process = engine.boot(machine, folder);
        supervisor = Thread.ofVirtual().start(this::supervise);
    }

    private boolean on() {
        return supervisor != null && supervisor.isAlive();
    }

    private void supervise() {
        try {
            while (process.waitFor() == GuestEngine.REBOOT && wantedOn) {
                process = engine.boot(machine, folder);
            }
        } catch (GuestFailure e) {
            // It asked for a reboot and could not be booted: it is off, and its console says why.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (wantedOn) {
            // On a thread of its own, since this one must be over before the machine may be started again.
            Thread.ofVirtual().start(() -> whenOff.accept(machine.serverId()));
        }
    }

    void attach(Volume volume) {
        engine.attach(machine, folder, volume);
    }

    void detach(long volumeId) {
        engine.detach(machine, folder, volumeId);
    }

    /** {@link GuestDriver#run}. */
    String run(List<String> words) {
        if (!on()) {
            throw new GuestFailure(machine.hostname() + " is off", null);
        }
        return engine.run(machine, process, words);
    }

    void shutDown(Duration timeout) {
        wantedOn = false;
        var deadline = Instant.now().plus(timeout);
        while (on()) {
            if (Instant.now().isAfter(deadline)) {
                wantedOn = true;
                throw new GuestFailure(
                        "%s did not power off within %d s".formatted(machine.hostname(), timeout.toSeconds()), null);
            }
            engine.pressPowerButton(machine, folder, process);
            awaitEnd(Duration.ofSeconds(1));
        }
    }

    void pullPlug() {
        wantedOn = false;
        while (on()) {
            engine.pullPlug(machine, process);
            awaitEnd(Duration.ofSeconds(1));
        }
    }

    void forceStop(Duration timeout) {
        try {
            shutDown(timeout);
        } catch (GuestFailure timedOut) {
            pullPlug();
        }
    }

    private boolean awaitEnd(Duration timeout) {
        try {
            return supervisor.join(timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestFailure("interrupted while a machine goes off", e);
        }
    }

    void destroy() {
        pullPlug();
        engine.remove(machine, folder);
        HostCommand.of("rm", "-rf", "--one-file-system", folder.toString()).run();
    }

    String describe() {
        if (on()) {
            return engine.describe(machine, folder, process);
        }
        return process == null || process.exitValue() == 0
                ? "off"
                : "off: ended with %d, its console is in %s".formatted(process.exitValue(), folder);
    }
}
