package dev.anchorhold.sim.guest;

import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Builds the image of the sample Agent ({@code k8s-dev/sample-agent}), which every fabric's registry has: revisions 1
 * and 2, which can be told by their pages. Built once, with Go and without Docker; the digests are the same as long as
 * its sources and Go are.
 */
public final class SampleAgentImage {

    public static final String REPOSITORY = "172.31.1.1:5000/sample-agent";

    /** Built when first asked for; empty where there is no Go to build it with. */
    private static final class Built {
        static final Optional<Path> FOLDER = HostCommand.find("go").flatMap(_ -> build());

        private static Optional<Path> build() {
            var script = HostCommand.scripts().resolveSibling("sample-agent/build");
            try {
                return Optional.of(Path.of(HostCommand.of(script.toString()).runWithStderr()));
            } catch (GuestFailure e) {
                // The script has printed why. Guests without Agents need none.
                return Optional.empty();
            }
        }
    }

    private SampleAgentImage() {}

    static Optional<Path> folder() {
        return Built.FOLDER;
    }

    public static boolean available() {
        return folder().isPresent();
    }

    /**
     * @param revision 1 or 2
     * @return {@code sha256:…}
     * @throws GuestFailure where it cannot be built
     */
    public static String digest(int revision) {
        var image = folder().orElseThrow(() ->
                new GuestFailure("the sample Agent is built with Go; there is none that it can be built with", null));
        try {
            return Files.readString(image.resolve(Integer.toString(revision))).strip();
        } catch (IOException e) {
            throw new GuestFailure("the sample Agent has no revision " + revision, e);
        }
    }

    /** What a guest pulls: the repository at the digest of a revision. */
    public static String reference(int revision) {
        return REPOSITORY + "@" + digest(revision);
    }
}
