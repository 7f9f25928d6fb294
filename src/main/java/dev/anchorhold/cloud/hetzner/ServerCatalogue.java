package dev.anchorhold.cloud.hetzner;

import java.util.List;
import java.util.Optional;

/** What can be bought where, as the cloud says it now (providers.md A.12): availability is data, never a constant (F11). */
public record ServerCatalogue(List<ServerType> serverTypes, List<Image> images, List<Server.Ref> locations) {

    /** {@code architecture} is {@code x86} or {@code arm}; memory and disk are GB. */
    public record ServerType(
            long id, String name, int cores, double memory, int disk, String architecture, List<Offer> locations) {
        public ServerType {
            locations = locations == null ? List.of() : List.copyOf(locations);
        }

        public Availability availabilityIn(String location) {
            return locations.stream()
                    .filter(offer -> location.equals(offer.name()))
                    .findFirst()
                    .map(offer ->
                            Boolean.FALSE.equals(offer.available()) ? Availability.SOLD_OUT : Availability.AVAILABLE)
                    .orElse(Availability.NOT_OFFERED);
        }
    }

    /**
     * A type in a location; {@code available} null (older answers) counts as available.
     *
     * @param deprecation null unless its end there is announced
     */
    public record Offer(long id, String name, Boolean available, Boolean recommended, Deprecation deprecation) {}

    /** When it ceases to be sold. */
    public record Deprecation(String unavailableAfter) {}

    public enum Availability {
        AVAILABLE,
        /** Offered there, but not now: try later. */
        SOLD_OUT,
        /** Never sold there, or no longer: another candidate is needed. */
        NOT_OFFERED
    }

    /** A system image; the same name exists once per architecture. {@code deprecated} is a date, or null. */
    public record Image(long id, String name, String type, String status, String architecture, String deprecated) {}

    public Optional<ServerType> serverType(String name) {
        return serverTypes.stream().filter(type -> name.equals(type.name())).findFirst();
    }

    /** It cannot be bought in the location, and never will be again: its end is announced, or it is not there any more. */
    public boolean isRetired(String type, String location) {
        return serverType(type)
                .flatMap(it -> it.locations().stream()
                        .filter(offer -> location.equals(offer.name()))
                        .findFirst())
                .map(offer -> offer.deprecation() != null && Boolean.FALSE.equals(offer.available()))
                .orElse(true);
    }

    public Optional<Image> image(String name, String architecture) {
        return images.stream()
                .filter(image -> name.equals(image.name()) && architecture.equals(image.architecture()))
                .findFirst();
    }
}
