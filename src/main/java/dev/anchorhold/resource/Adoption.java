package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** What an object takes over from a predecessor that is no more: part of its status, written before anything is done. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Adoption(
        @Required @JsonPropertyDescription("The UID of the predecessor.")
        String from,

        @Required @JsonPropertyDescription("When the predecessor's time ended in the books, and this object's began.")
        String at,

        @JsonPropertyDescription("The state that the books had the predecessor in: Running or Paused.")
        String state,

        @JsonPropertyDescription("Whether the guest of an Agent goes on; else its server is replaced.")
        Boolean guestKept,

        @Required @JsonPropertyDescription("Whether all of it is done.")
        Boolean completed) {

    public boolean isCompleted() {
        return Boolean.TRUE.equals(completed);
    }

    /** @param guest whether the guest goes on; null for a kind without one */
    public Adoption complete(Boolean guest) {
        return new Adoption(from, at, state, guest, true);
    }
}
