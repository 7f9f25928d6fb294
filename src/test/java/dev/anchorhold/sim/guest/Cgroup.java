package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The control groups of a part of a world, by which all its processes can be ended at once, whoever became their
 * parent. One folder on a computer with cgroup v2; where v1 is mounted beside it, also one in systemd's own hierarchy,
 * which a guest's systemd insists on.
 *
 * @param folders the first is of cgroup v2
 */
record Cgroup(List<Path> folders) {

    private static final Path MOUNT = Path.of("/sys/fs/cgroup");

    static Cgroup of(String name) {
        var hierarchies = Files.exists(MOUNT.resolve("cgroup.procs"))
                ? List.of(MOUNT)
                : List.of(MOUNT.resolve("unified"), MOUNT.resolve("systemd"));
        return new Cgroup(hierarchies.stream()
                .map(hierarchy -> hierarchy.resolve("anchorhold").resolve(name))
                .toList());
    }

    Cgroup create() {
        try {
            for (var folder : folders) {
                Files.createDirectories(folder);
            }
            return this;
        } catch (IOException e) {
            throw new GuestFailure("no control group can be made: " + e.getMessage(), e);
        }
    }

    /** A command that joins the groups before it runs the given one. */
    HostCommand enter(HostCommand command) {
        var move = "set -e; for group in %s; do echo $$ >$group/cgroup.procs; done; exec \"$@\"";
        return new HostCommand(
                Stream.concat(
                                Stream.of("sh", "-c", move.formatted(String.join(" ", paths())), "sh"),
                                command.words().stream())
                        .toList(),
                command.stdin());
    }

    List<String> paths() {
        return folders.stream().map(Path::toString).toList();
    }

    /** Kills all that runs in it, also what joins meanwhile, and removes it. */
    void remove() {
        var deadline = Instant.now().plus(Duration.ofSeconds(10));
        try {
            while (folders.stream().anyMatch(Files::exists)) {
                kill();
                if (folders.stream().map(Cgroup::removed).toList().contains(false)) {
                    if (Instant.now().isAfter(deadline)) {
                        throw new GuestFailure("processes in %s cannot be ended".formatted(folders.getFirst()), null);
                    }
                    Thread.sleep(20);
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new GuestFailure("a control group cannot be removed: " + e.getMessage(), e);
        }
    }

    private void kill() throws IOException {
        var killer = folders.getFirst().resolve("cgroup.kill");
        if (Files.exists(killer)) {
            Files.writeString(killer, "1");
        }
    }

    /** Whether a folder is gone with all below it. The kernel frees a group once its last process has been reaped. */
    private static boolean removed(Path folder) {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (var group : tree.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList()) {
                Files.deleteIfExists(group);
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }
}
