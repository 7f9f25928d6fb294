package dev.anchorhold.world;

import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.sim.guest.SampleAgentImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Publishes the AgentImage {@code sample}, whose revisions are in the registry of every world with real guests. A new
 * world has the first; the manifests of both are in the world's folder, so that a person can publish the second.
 */
final class SampleImagePublisher {
    private static final String NAME = "sample";

    private SampleImagePublisher() {}

    /** @param folder for the manifests */
    static void publish(ControlPlane cluster, Path folder) {
        if (!SampleAgentImage.available()) return;
        Path first = manifest(folder, 1);
        manifest(folder, 2);
        // What was published stays: a revision never falls, and another digest would need a greater one.
        if (cluster.client().resources(AgentImage.class).withName(NAME).get() != null) return;
        ExternalProgram.of(Programs.find("kubectl"), "apply", "--filename=" + first)
                .environment("KUBECONFIG", cluster.kubeconfig().toString())
                .run();
    }

    private static Path manifest(Path folder, int revision) {
        try {
            return Files.writeString(
                    Files.createDirectories(folder).resolve("agentimage-%d.yaml".formatted(revision)),
                    """
                    apiVersion: anchorhold.dev/v1alpha1
                    kind: AgentImage
                    metadata:
                      name: %s
                    spec:
                      repository: %s
                      digest: %s
                      revision: %d
                    """.formatted(NAME, SampleAgentImage.REPOSITORY, SampleAgentImage.digest(revision), revision));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
