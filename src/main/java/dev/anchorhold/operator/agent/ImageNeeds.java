package dev.anchorhold.operator.agent;

import static dev.anchorhold.operator.agent.AgentDecider.attempt;
import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.agent.AgentStep.CheckInputs;
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

    /**
     * Three steps, so that a person can mend what cannot be frozen, and nothing changes while it is: all of it is read; then it is on record
     * that the environment is fixed from now on, and the digest of all that is frozen, so that no Secret is believed that somebody else made;
     * then it is frozen.
     */
    static Need<AgentStep> frozen(AgentObservation agent, Cloud cloud, AgentPlanBuilder report) {
        if (agent.frozen().isPresent()) {
            var frozen = agent.frozen().get();
            return Need.met(
                    AS_SPECIFIED, "revision %d of '%s', for life".formatted(frozen.revision(), frozen.agentImage()));
        }
        var status = agent.status();
        var inputs = new CheckInputs();
        boolean refused = cloud.server().failure(inputs.name()).isPresent();
        boolean fixed = Boolean.TRUE.equals(status.envFixed()) && !refused;
        boolean digestOnRecord = agent.frozenDigest()
                .filter(it -> !it.equals(status.frozenDigest()))
                .isEmpty();
        if (status.frozenSecret() != null || fixed && digestOnRecord) {
            report.fixEnvironment();
            return attempt(cloud, FREEZING, "freezing what it is made from", new Freeze());
        }
        if (agent.frozenDigest().isPresent() && !refused) {
            report.fixEnvironment();
            return aboutToBeFrozen();
        }
        if (refused) {
            report.releaseEnvironment();
        }
        return attempt(cloud, FREEZING, "reading what it is made from", inputs);
    }

    /**
     * Reported beside everything else: another image changes nothing about an Agent. An image is the digest: an
     * AgentImage that was deleted and made anew counts its revisions from wherever it likes.
     */
    static Optional<Need<AgentStep>> current(AgentObservation agent) {
        Long runs = agent.status().imageRevision();
        String name = agent.status().agentImage();
        if (runs == null) {
            return Optional.empty();
        }
        if (agent.published().isEmpty()) {
            return Optional.of(Need.unknown(
                    AGENT_IMAGE_NOT_FOUND,
                    "there is no AgentImage '%s' any more; the Agent keeps what it runs".formatted(name),
                    Plan.RESYNC_INTERVAL));
        }
        var published = agent.published().get();
        if (published.reference().equals(agent.status().image())) {
            return Optional.of(
                    Need.met(AS_SPECIFIED, "revision %d is the newest of '%s'".formatted(published.revision(), name)));
        }
        String what = published.revision() > runs
                ? "it runs revision %d of '%s', and %d is published".formatted(runs, name, published.revision())
                : "AgentImage '%s' was made anew since: it runs another image than the one that is now its revision %d"
                        .formatted(name, published.revision());
        return Optional.of(Need.blocked(
                NEWER_IMAGE,
                "%s. Cloning is the supported upgrade path: make an Agent with spec.cloneOf: %s"
                        .formatted(what, agent.agent().getMetadata().getName()),
                Plan.RESYNC_INTERVAL));
    }
}
