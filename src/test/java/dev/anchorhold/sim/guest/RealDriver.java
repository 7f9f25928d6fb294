package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Machines that run, by an {@link Engine}. Each has a folder below the world's: its disk, and {@code machine.json}, from which
 * it is known again when the simulator is started the next time. A machine that reboots itself comes back, one that powers itself
 * off stays off until it is started.
 */
final class RealDriver implements GuestDriver {

    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new Jdk8Module());
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path folder;
    private final Engine engine;
    private final FileChannel lock;
    private volatile LongConsumer whenOff = _ -> {};
    private final Map<Long, Guest> guests = new ConcurrentHashMap<>();

    /** What is written down of a machine. */
    private record Kept(Machine machine, Inbound inbound) {}

    /** @param lock of {@link #lock(Path)}; released when the driver is closed */
    RealDriver(Path folder, FileChannel lock, Engine engine) {
        this.folder = folder;
        this.lock = lock;
        this.engine = engine;
        recall();
    }

    /**
     * Takes the world's folder for guests, made if need be, for this process alone.
     *
     * @throws GuestFailure when another process holds it
     */
    static FileChannel lock(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            var channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw new GuestFailure("another process runs the guests in " + folder, null);
            }
            return channel;
        } catch (IOException | java.nio.channels.OverlappingFileLockException e) {
            throw new GuestFailure("the guests' folder %s cannot be had: %s".formatted(folder, e), e);
        }
    }

    private void recall() {
        try (Stream<Path> folders = Files.list(folder)) {
            for (var file : folders.map(each -> each.resolve("machine.json"))
                    .filter(Files::exists)
                    .toList()) {
                var kept = JSON.readValue(file.toFile(), Kept.class);
                guests.put(kept.machine.serverId(), new Guest(kept.machine, kept.inbound));
            }
        } catch (IOException e) {
            throw new GuestFailure("machines cannot be recalled from " + folder, e);
        }
    }

    @Override
    public void create(Machine machine) {
        guests.computeIfAbsent(machine.serverId(), id -> new Guest(machine, Inbound.OPEN))
                .create();
    }

    @Override
    public void start(long serverId) {
        guest(serverId).start();
    }

    @Override
    public void stop(long serverId, boolean graceful) {
        var guest = guest(serverId);
        if (graceful) {
            guest.shutDown(PATIENCE);
        } else {
            guest.pullPlug();
        }
    }

    @Override
    public void reboot(long serverId, boolean graceful) {
        stop(serverId, graceful);
        start(serverId);
    }

    @Override
    public void destroy(long serverId) {
        var guest = guests.get(serverId);
        if (guest != null) {
            guest.destroy();
            guests.remove(serverId);
        }
    }

    @Override
    public void applyFirewall(long serverId, Inbound inbound) {
        guest(serverId).filter(inbound);
    }

    @Override
    public void attachVolume(long serverId, Volume volume) {
        var guest = guest(serverId);
        engine.attach(guest.machine, guest.folder, volume);
    }

    @Override
    public void detachVolume(long serverId, long volumeId) {
        var guest = guest(serverId);
        engine.detach(guest.machine, guest.folder, volumeId);
    }

    @Override
    public void deleteVolume(long volumeId) {
        engine.delete(volumeId);
    }

    @Override
    public void whenOff(LongConsumer listener) {
        whenOff = listener;
    }

    @Override
    public String run(long serverId, String... words) {
        var guest = guest(serverId);
        if (!guest.on()) {
            throw new GuestFailure(guest.machine.hostname() + " is off", null);
        }
        return engine.run(guest.machine, guest.process, List.of(words));
    }

    @Override
    public String describe(long serverId) {
        var guest = guests.get(serverId);
        return guest == null ? "no machine" : guest.describe();
    }

    boolean knows(long serverId) {
        return guests.containsKey(serverId);
    }

    /** Machines that this process was told of. Those that are only recalled may be of servers that are no more. */
    long count() {
        return guests.values().stream().filter(guest -> guest.claimed).count();
    }

    private Guest guest(long serverId) {
        var guest = guests.get(serverId);
        if (guest == null) {
            throw new GuestFailure("no machine " + serverId, null);
        }
        return guest;
    }

    @Override
    public void close() {
        try (var each = Executors.newVirtualThreadPerTaskExecutor()) {
            guests.values().forEach(guest -> each.submit(() -> guest.stopSomehow(Duration.ofSeconds(10))));
        }
        engine.close();
        try {
            lock.close();
        } catch (IOException e) {
            throw new GuestFailure("the guests' folder cannot be released", e);
        }
    }

    /** One machine. Only {@link #live} runs beside the calls for it, which come one after another. */
    private final class Guest {
        private final Machine machine;
        private final Path folder;
        private Inbound inbound;
        private volatile boolean claimed;
        private Thread life;
        private volatile Process process;
        private volatile boolean wantedOn;

        Guest(Machine machine, Inbound inbound) {
            this.machine = machine;
            this.inbound = inbound;
            this.folder = RealDriver.this.folder.resolve(Long.toString(machine.serverId()));
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
                JSON.writeValue(folder.resolve("machine.json").toFile(), new Kept(machine, inbound));
            } catch (IOException e) {
                throw new GuestFailure("the machine cannot be written down in " + folder, e);
            }
        }

        void start() {
            if (on()) {
                return;
            }
            create();
            wantedOn = true;
            process = engine.boot(machine, folder);
            life = Thread.ofVirtual().start(this::live);
        }

        private boolean on() {
            return life != null && life.isAlive();
        }

        private void live() {
            try {
                while (process.waitFor() == Engine.REBOOT && wantedOn) {
                    process = engine.boot(machine, folder);
                }
                if (wantedOn) {
                    whenOff.accept(machine.serverId());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void shutDown(Duration patience) {
            wantedOn = false;
            var deadline = Instant.now().plus(patience);
            while (on()) {
                if (Instant.now().isAfter(deadline)) {
                    wantedOn = true;
                    throw new GuestFailure(
                            "%s did not power off within %d s".formatted(machine.hostname(), patience.toSeconds()),
                            null);
                }
                engine.pressPowerButton(machine, folder, process);
                ended(Duration.ofSeconds(1));
            }
        }

        void pullPlug() {
            wantedOn = false;
            while (on()) {
                engine.pullPlug(machine, process);
                ended(Duration.ofSeconds(1));
            }
        }

        void stopSomehow(Duration patience) {
            try {
                shutDown(patience);
            } catch (GuestFailure deaf) {
                pullPlug();
            }
        }

        private boolean ended(Duration patience) {
            try {
                return life.join(patience);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new GuestFailure("interrupted while a machine goes off", e);
            }
        }

        void destroy() {
            pullPlug();
            engine.remove(machine, folder);
            Command.of("rm", "-rf", "--one-file-system", folder.toString()).run();
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
}
