package dev.anchorhold.sim.guest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;

/**
 * Runs real machines with a {@link GuestEngine}. Each has a folder below the world's: its disk, and {@code
 * machine.json}, from which it is restored when the simulator is started the next time. A machine that reboots itself
 * comes back, one that powers itself off stays off until it is started.
 */
final class RealDriver implements GuestDriver {

    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(30);

    private final Path folder;
    private final GuestEngine engine;
    private final FileChannel lock;
    private volatile LongConsumer whenOff = _ -> {};
    private final Map<Long, RealGuest> guests = new ConcurrentHashMap<>();

    /** @param lock of {@link #lock(Path)}; released when the driver is closed */
    RealDriver(Path folder, FileChannel lock, GuestEngine engine) {
        this.folder = folder;
        this.lock = lock;
        this.engine = engine;
        RealGuest.restore(folder, engine, this::wentOff)
                .forEach(guest -> guests.put(guest.machine().serverId(), guest));
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
            throw new GuestFailure("the guests' folder %s cannot be locked: %s".formatted(folder, e), e);
        }
    }

    private void wentOff(long serverId) {
        whenOff.accept(serverId);
    }

    @Override
    public void create(Machine machine) {
        guests.computeIfAbsent(
                        machine.serverId(), id -> new RealGuest(machine, Inbound.OPEN, folder, engine, this::wentOff))
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
            guest.shutDown(SHUTDOWN_TIMEOUT);
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
        guest(serverId).attach(volume);
    }

    @Override
    public void detachVolume(long serverId, long volumeId) {
        guest(serverId).detach(volumeId);
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
        return guest(serverId).run(List.of(words));
    }

    @Override
    public String describe(long serverId) {
        var guest = guests.get(serverId);
        return guest == null ? "no machine" : guest.describe();
    }

    boolean knows(long serverId) {
        return guests.containsKey(serverId);
    }

    long count() {
        return guests.values().stream().filter(RealGuest::claimed).count();
    }

    private RealGuest guest(long serverId) {
        var guest = guests.get(serverId);
        if (guest == null) {
            throw new GuestFailure("no machine " + serverId, null);
        }
        return guest;
    }

    @Override
    public void close() {
        try (var each = Executors.newVirtualThreadPerTaskExecutor()) {
            guests.values().forEach(guest -> each.submit(() -> guest.forceStop(Duration.ofSeconds(10))));
        }
        engine.close();
        try {
            lock.close();
        } catch (IOException e) {
            throw new GuestFailure("the guests' folder cannot be released", e);
        }
    }
}
