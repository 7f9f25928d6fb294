package dev.anchorhold.operator.agent;

import dev.anchorhold.operator.pipeline.CloudIdentity;

/** Names derived from an Agent that stay for its life: its frozen Secret and its host name. */
final class AgentNames {
    /** The label's value in the cloud, and the word in messages. */
    static final String KIND = "Agent";

    private AgentNames() {}

    static String frozenSecret(String agent) {
        return agent + "-frozen";
    }

    /** One label, unique by the UID: Cloudflare's own certificates cover one level below a zone. */
    static String hostname(CloudIdentity identity, String domain) {
        return "%s-%s.%s"
                .formatted(
                        CloudIdentity.truncated(identity.name()).replaceAll("-+$", ""),
                        identity.uid().substring(0, 8),
                        domain);
    }
}
