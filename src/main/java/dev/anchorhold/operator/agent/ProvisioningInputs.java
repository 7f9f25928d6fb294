package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.AGENT_IMAGE_NOT_FOUND;
import static dev.anchorhold.resource.Reasons.CLONE_SOURCE_UNAVAILABLE;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.pipeline.AdmissionRefusal;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ObjectStatus;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Region;
import java.util.Optional;

/**
 * Resolved inputs of freezing an Agent: its own spec, or that of the Agent that it is a clone of, and today's image and
 * guest program either way.
 *
 * @param source the Agent that is cloned: environment and port are in its frozen Secret
 */
record ProvisioningInputs(
        Region region, String size, String imageName, AgentImage image, String baseImage, Optional<Agent> source) {
    static final int DEFAULT_PORT = 8080;

    /** The inputs, or why they cannot be resolved. */
    record Resolution(Optional<ProvisioningInputs> inputs, Optional<AdmissionRefusal> refusal) {}

    static Resolution resolve(Agent agent, ProviderConfig provider, Fleet fleet) {
        String cloneOf = agent.getSpec().cloneOf();
        if (cloneOf == null) {
            Region region = Optional.ofNullable(agent.getSpec().region()).orElse(Region.EU);
            return resolve(region, agent.getSpec().size(), agent.getSpec().image(), provider, fleet, Optional.empty());
        }
        var source = fleet.agent(agent.getMetadata().getNamespace(), cloneOf);
        var unfit = unfit(agent, cloneOf, source);
        if (unfit.isPresent()) {
            return new Resolution(Optional.empty(), unfit);
        }
        var status = source.orElseThrow().getStatus();
        var sized = ObjectStatus.own(agent)
                .filter(it -> it.size()
                        != null) // before it is frozen: taken over, and billed as that, whatever the source is by now
                .orElse(status);
        Region region = Region.valueOf(sized.region().toUpperCase(java.util.Locale.ROOT));
        return resolve(region, sized.size(), status.agentImage(), provider, fleet, source);
    }

    private static Resolution resolve(
            Region region,
            String size,
            String imageName,
            ProviderConfig provider,
            Fleet fleet,
            Optional<Agent> source) {
        var image = fleet.agentImage(imageName);
        return image.isEmpty()
                ? new Resolution(
                        Optional.empty(),
                        AdmissionRefusal.of(
                                AGENT_IMAGE_NOT_FOUND, "spec.image: there is no AgentImage '%s'", imageName))
                : new Resolution(
                        Optional.of(new ProvisioningInputs(
                                region,
                                size,
                                imageName,
                                image.get(),
                                provider.getSpec().agentBaseImage(),
                                source)),
                        Optional.empty());
    }

    private static Optional<AdmissionRefusal> unfit(Agent agent, String cloneOf, Optional<Agent> source) {
        if (cloneOf.equals(agent.getMetadata().getName())) {
            return AdmissionRefusal.of(
                    CLONE_SOURCE_UNAVAILABLE,
                    "spec.cloneOf: names this Agent itself; make a new one that names another, or an image");
        }
        if (source.isEmpty()
                || !source.get().getSpec().account().equals(agent.getSpec().account())) {
            return AdmissionRefusal.of(
                    CLONE_SOURCE_UNAVAILABLE,
                    "spec.cloneOf: Account '%s' has no Agent '%s' in this namespace",
                    agent.getSpec().account(),
                    cloneOf);
        }
        var it = source.get();
        if (it.getMetadata().getDeletionTimestamp() != null) {
            return AdmissionRefusal.of(CLONE_SOURCE_UNAVAILABLE, "spec.cloneOf: Agent '%s' is being deleted", cloneOf);
        }
        return ObjectStatus.own(it).map(AgentStatus::frozenSecret).isEmpty()
                ? AdmissionRefusal.of(CLONE_SOURCE_UNAVAILABLE, "spec.cloneOf: Agent '%s' is not frozen yet", cloneOf)
                : Optional.empty();
    }
}
