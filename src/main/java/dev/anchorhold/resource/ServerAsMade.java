package dev.anchorhold.resource;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Map;

/**
 * What a server was when it was complete, and what others have done to it since that leaves no trace in it: what drifts
 * later is told by comparison with this.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ServerAsMade(
        @JsonPropertyDescription("The server's id: this is of no other one.")
        Long serverId,

        @JsonPropertyDescription("The server type that was bought.")
        String serverType,

        @JsonPropertyDescription("The id of the image that it was made from.")
        Long imageId,

        @JsonPropertyDescription("Its public IPv4 address.") String ipv4,
        @JsonPropertyDescription("Its public IPv6 address.") String ipv6,

        @JsonPropertyDescription(
                "When others last did to it what cannot be seen of it: by the cloud's command, such as rebuild_server.")
        Map<String, String> done) {

    public ServerAsMade {
        done = done == null ? Map.of() : Map.copyOf(done);
    }
}
