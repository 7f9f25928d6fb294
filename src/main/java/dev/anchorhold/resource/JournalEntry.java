package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/**
 * One entry of an object's journal: a change of its state that the books record. Words and instants are those of
 * {@code ledger.event}.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JournalEntry(
        @Required @JsonPropertyDescription("Counts the object's entries from 1.")
        Long sequence,

        @Required
        @JsonPropertyDescription("When it happened, in microseconds: by the cloud's clock, or else the operator's.")
        String at,

        @Required @JsonPropertyDescription("provision, start, stop, resize, transfer or destroy.")
        String event,

        @JsonPropertyDescription(
                "Running or Paused, from then on; left out when it is in no state that costs anything.")
        String state,

        @Required @JsonPropertyDescription("Whose it is from then on.")
        String account,

        @JsonPropertyDescription("Whose it was, for a transfer.")
        String previousAccount,

        @JsonPropertyDescription(
                "Who asked for it: the field manager that wrote it into the spec. Left out when nobody did, or nobody"
                        + " knows.")
        String by,

        @JsonPropertyDescription("Why it ended otherwise than by being deleted: it was let go, and stands on.")
        String reason,

        @JsonPropertyDescription("How many GiB of volumes it holds from then on; left out when it has none.")
        Integer volumeGiB) {}
