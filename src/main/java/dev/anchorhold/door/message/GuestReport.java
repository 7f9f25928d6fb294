package dev.anchorhold.door.message;

import dev.anchorhold.platform.Printable;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A guest's report of its own state. It comes from a machine that is not ours: texts are made short and printable here, lists
 * are cut, and what is missing is null (older guest programs live long).
 *
 * @param bootId the kernel's; another one means that the machine was started anew
 * @param at by the guest's clock
 * @param program SHA-256 of the guest program that runs
 * @param settingsVersion the settings that are applied
 */
public record GuestReport(
        String bootId,
        Instant at,
        String program,
        Container container,
        Volume volume,
        Connector connector,
        Firewall firewall,
        List<Problem> problems,
        Long settingsVersion) {
    private static final int MAX_TEXT_LENGTH = 300;
    private static final int MAX_IMAGE_LENGTH = 600; // more than a Payload's may have: the two are compared
    private static final int MAX_LIST_SIZE = 20;

    public GuestReport {
        bootId = clean(bootId);
        program = clean(program);
        problems = cut(problems);
    }

    /** @param image the whole reference that the container was made from, null when there is no container */
    public record Container(boolean running, String image, int restarts) {
        public Container {
            image = Printable.line(image, MAX_IMAGE_LENGTH);
        }
    }

    public record Volume(boolean mounted, long sizeBytes, long freeBytes) {}

    /** @param ready whether it is connected to the edge */
    public record Connector(boolean running, boolean ready) {}

    /**
     * @param holds whether the guest found its rules in place, and nothing to be reached through them
     * @param reachable ports that could be reached all the same
     */
    public record Firewall(boolean holds, List<Integer> reachable) {
        public Firewall {
            reachable = cut(reachable);
        }
    }

    /** @param what a word that programs may compare; {@code message} is for people */
    public record Problem(String what, String message) {
        public Problem {
            what = clean(what);
            message = clean(message);
        }
    }

    private static String clean(String text) {
        return Printable.line(text, MAX_TEXT_LENGTH);
    }

    private static <T> List<T> cut(List<T> list) {
        return list == null
                ? List.of()
                : list.stream().filter(Objects::nonNull).limit(MAX_LIST_SIZE).toList();
    }
}
