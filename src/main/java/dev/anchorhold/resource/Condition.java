package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Optional;

/**
 * One observed aspect of an object, in the form that all of Kubernetes uses (KEP-1623).
 *
 * @param lastTransitionTime RFC 3339, UTC: when {@code status} last changed its value
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Condition(
        @Required
        @Size(max = 64)
        @JsonPropertyDescription("What the condition is about, such as Ready or FirewallInSync.")
        String type,

        @Required @JsonPropertyDescription("True, False or Unknown.")
        Status status,

        @Required
        @Size(max = 64)
        @JsonPropertyDescription("Why, in one word that programs may rely on; docs/failure-modes.md lists them all.")
        String reason,

        @Required @JsonPropertyDescription("Why, for people, and what to do about it.")
        String message,

        @Required @JsonPropertyDescription("When the status last changed its value.")
        String lastTransitionTime,

        @JsonPropertyDescription("The generation of the spec that this was said of.")
        Long observedGeneration) {

    /** The three values that a condition can have; written as the API conventions write them. */
    public enum Status {
        True,
        False,
        Unknown
    }

    /** The condition of that type, if there is one. {@code conditions} may be null, as in a status that was never written. */
    public static Optional<Condition> find(List<Condition> conditions, String type) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream().filter(c -> c.type().equals(type)).findFirst();
    }

    public boolean holds() {
        return status == Status.True;
    }
}
