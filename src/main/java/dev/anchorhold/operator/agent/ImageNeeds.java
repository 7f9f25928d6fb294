package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentDecider.attempt;
import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentStep.Freeze;
import dev.anchorhold.operator.pipeline.Need;
import dev.anchorhold.operator.pipeline.Plan;
import java.time.Duration;
import java.util.Optional;

/** What an Agent needs of its image: that it is frozen, once and for life; and whether a newer one is published. Pure. */
final class ImageNeeds {
    private ImageNeeds() {}

    static Need<AgentStep> aboutToBeFrozen() {
        return Need.waitFor(FREEZING, "about to freeze what it is made from", Duration.ZERO);
    }

    static Need<AgentStep> frozen(AgentObservation agent, Cloud cloud) {
        return agent.frozen()
                .map(f -> Need.<AgentStep>met(
                        AS_SPECIFIED, "revision %d of '%s', for life".formatted(f.revision(), f.agentImage())))
                .orElseGet(() -> attempt(cloud, FREEZING, "freezing what it is made from", new Freeze()));
    }

    /** Reported beside everything else: a newer image changes nothing about an Agent. */
    static Optional<Need<AgentStep>> current(AgentObservation agent) {
        Long runs = agent.status().imageRevision();
        String image = agent.status().agentImage();
        if (runs == null) {
            return Optional.empty();
        }
        if (agent.publishedRevision().isEmpty()) {
            return Optional.of(Need.unknown(
                    AGENT_IMAGE_NOT_FOUND,
                    "there is no AgentImage '%s' any more; the Agent keeps what it runs".formatted(image),
                    Plan.RESYNC_INTERVAL));
        }
        long published = agent.publishedRevision().get();
        return Optional.of(
                published <= runs
                        ? Need.met(AS_SPECIFIED, "revision %d is the newest of '%s'".formatted(runs, image))
                        : Need.blocked(
                                NEWER_IMAGE,
                                ("it runs revision %d of '%s', and %d is published. Cloning is the supported upgrade"
                                                + " path: make an Agent with spec.cloneOf: %s")
                                        .formatted(
                                                runs,
                                                image,
                                                published,
                                                agent.agent().getMetadata().getName()),
                                Plan.RESYNC_INTERVAL));
    }
}
