package dev.anchorhold.operator.server;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.hetzner.ServerCatalogue;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import dev.anchorhold.operator.session.HetznerSession;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Candidate server types for a size in a location, best first, with their availability: the first available one is
 * bought (F11).
 */
public record ServerTypeCandidates(String location, List<Candidate> candidates) {
    private static final String SOLD_OUT = "sold out";

    /** The key of a failure of a server type in a location, beside {@code type@location}. */
    static final String CAPACITY_CHECK = "capacity";

    private static final Duration SOON = Duration.ofSeconds(5);
    /** Availability is read each minute; what was read a moment ago is seen then (it costs no call). */
    private static final Duration SOLD_OUT_DELAY = Duration.ofSeconds(15);

    /**
     * @param availability in words, for a message
     * @param image the system image's id for this type's architecture, when there is one
     */
    public record Candidate(String type, boolean available, String availability, Optional<Long> image) {}

    /**
     * The type alone, as long as the cloud sells it in the location, sold out or not; followed by others once it is retired there.
     *
     * @param known the cloud's catalogue, when it has been read
     */
    public static List<String> untilRetired(
            String type, List<String> others, String location, Optional<ServerCatalogue> known) {
        boolean retired =
                known.filter(catalogue -> catalogue.isRetired(type, location)).isPresent();
        return retired
                ? Stream.concat(Stream.of(type), others.stream()).distinct().toList()
                : List.of(type);
    }

    /**
     * Empty until the cloud's catalogue has been read; asking makes it be read.
     *
     * @param images names of system images, the one that is wanted first
     */
    public static Optional<ServerTypeCandidates> of(
            List<String> types, String location, List<String> images, HetznerSession session) {
        var known = session.inventory()
                .catalogue()
                .map(catalogue -> new ServerTypeCandidates(
                        location,
                        types.stream()
                                .map(type -> candidate(type, location, images, catalogue, session))
                                .toList()));
        known.filter(it -> it.candidates.stream().noneMatch(Candidate::available))
                .filter(it -> it.candidates.stream().anyMatch(c -> c.availability.equals(SOLD_OUT)))
                .ifPresent(_ -> session.inventory().invalidateCatalogue()); // as long as anybody waits for it
        return known;
    }

    private static Candidate candidate(
            String name, String location, List<String> images, ServerCatalogue catalogue, HetznerSession session) {
        var type = catalogue.serverType(name);
        if (type.isEmpty()) {
            return new Candidate(name, false, "unknown to the cloud", Optional.empty());
        }
        var failure = session.backoff().blocking(name + "@" + location, CAPACITY_CHECK, 0);
        if (failure.isPresent()) {
            return new Candidate(name, false, failure.get().error().getMessage(), Optional.empty());
        }
        var imageId = images.stream()
                .flatMap(image -> catalogue.image(image, type.get().architecture()).stream())
                .map(ServerCatalogue.Image::id)
                .findFirst();
        return switch (type.get().availabilityIn(location)) {
            case AVAILABLE -> new Candidate(name, true, "available", imageId);
            case SOLD_OUT -> new Candidate(name, false, SOLD_OUT, imageId);
            case NOT_OFFERED -> new Candidate(name, false, "not offered there", imageId);
        };
    }

    public Candidate best() {
        return candidates.stream().filter(Candidate::available).findFirst().orElseThrow();
    }

    /** Why no server can be made; {@code imageField} is where the spec names the system image, {@code image} its name. */
    public static <S> Optional<Need<S>> unavailable(
            Optional<ServerTypeCandidates> known, String imageField, String image) {
        if (known.isEmpty()) {
            return Optional.of(Need.waitFor(SERVER_CREATING, "reading what the cloud has to offer", SOON));
        }
        var serverTypeCandidates = known.get();
        var seen = serverTypeCandidates.candidates.stream()
                .map(c -> c.type() + " (" + c.availability() + ")")
                .collect(Collectors.joining(", "));
        if (serverTypeCandidates.candidates.stream()
                .anyMatch(c -> c.available() && c.image().isEmpty())) {
            return Optional.of(Need.blocked(
                    IMAGE_UNKNOWN,
                    "%s: the cloud has no system image '%s' for %s".formatted(imageField, image, seen),
                    Plan.RESYNC_INTERVAL));
        }
        return serverTypeCandidates.candidates.stream().anyMatch(Candidate::available)
                ? Optional.empty()
                : Optional.of(Need.blocked(
                        CAPACITY_EXHAUSTED,
                        "no server to be had in %s now; tried: %s; tried again every minute"
                                .formatted(serverTypeCandidates.location, seen),
                        SOLD_OUT_DELAY));
    }
}
