package dev.anchorhold.operator.server;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.hetzner.Catalogue;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.Need;
import dev.anchorhold.operator.Plan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be bought for a size: the candidates in the location, best first (F11). */
public record Market(String location, List<Candidate> candidates) {
    /** What a setback of a server type in a location is filed under, beside {@code type@location}. */
    static final String CAPACITY = "capacity";

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration LATER = Duration.ofSeconds(30);

    /**
     * @param availability in words, for a message
     * @param image the system image's id for this type's architecture, when there is one
     */
    public record Candidate(String type, boolean available, String availability, Optional<Long> image) {}

    /** Empty until the cloud's catalogue has been read; asking makes it be read. */
    public static Optional<Market> of(List<String> types, String location, String image, CloudSession session) {
        return session.inventory()
                .catalogue()
                .map(catalogue -> new Market(
                        location,
                        types.stream()
                                .map(type -> candidate(type, location, image, catalogue, session))
                                .toList()));
    }

    private static Candidate candidate(
            String name, String location, String image, Catalogue catalogue, CloudSession session) {
        var type = catalogue.serverType(name);
        if (type.isEmpty()) {
            return new Candidate(name, false, "unknown to the cloud", Optional.empty());
        }
        var setback = session.setbacks().of(name + "@" + location, CAPACITY, 0);
        if (setback.isPresent()) {
            return new Candidate(name, false, setback.get().error().getMessage(), Optional.empty());
        }
        var imageId = catalogue.image(image, type.get().architecture()).map(Catalogue.Image::id);
        return switch (type.get().in(location)) {
            case AVAILABLE -> new Candidate(name, true, "available", imageId);
            case SOLD_OUT -> new Candidate(name, false, "sold out", imageId);
            case NOT_OFFERED -> new Candidate(name, false, "not offered there", imageId);
        };
    }

    public Candidate best() {
        return candidates.stream().filter(Candidate::available).findFirst().orElseThrow();
    }

    /** Why no server can be made; {@code imageField} is where the spec names the system image, {@code image} its name. */
    public static <S> Optional<Need<S>> obstacle(Optional<Market> known, String imageField, String image) {
        if (known.isEmpty()) {
            return Optional.of(Need.waitFor(SERVER_CREATING, "reading what the cloud has to offer", SOON));
        }
        var market = known.get();
        var seen = market.candidates.stream()
                .map(c -> c.type() + " (" + c.availability() + ")")
                .collect(Collectors.joining(", "));
        if (market.candidates.stream().anyMatch(c -> c.available() && c.image().isEmpty())) {
            return Optional.of(Need.blocked(
                    IMAGE_UNKNOWN,
                    "%s: the cloud has no system image '%s' for %s".formatted(imageField, image, seen),
                    Plan.QUIET));
        }
        return market.candidates.stream().anyMatch(Candidate::available)
                ? Optional.empty()
                : Optional.of(Need.blocked(
                        CAPACITY_EXHAUSTED,
                        "no server to be had in %s now; tried: %s; trying again every few minutes"
                                .formatted(market.location, seen),
                        LATER));
    }
}
