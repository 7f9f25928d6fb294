package dev.anchorhold.operator.agent;

import static dev.anchorhold.resource.Reasons.AGENT_IMAGE_NOT_FOUND;
import static dev.anchorhold.resource.Reasons.CLONE_SOURCE_UNAVAILABLE;

import dev.anchorhold.operator.Fleet;
import dev.anchorhold.operator.Refusal;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Region;
import java.util.Optional;

/**
 * What an Agent is going to be frozen from: its own spec, or the Agent that it is a clone of, and today's image and guest
 * program either way.
 *
 * @param source the Agent that is cloned: environment and port are in its frozen Secret
 */
record Recipe(
        Region region, String size, String imageName, AgentImage image, String baseImage, Optional<Agent> source) {
    static final int PORT = 8080;

    /** What can be cooked, or why nothing can. */
    record Kitchen(Optional<Recipe> recipe, Optional<Refusal> refusal) {}

    static Kitchen of(Agent agent, ProviderConfig provider, Fleet fleet) {
        String cloneOf = agent.getSpec().cloneOf();
        if (cloneOf == null) {
            Region region = Optional.ofNullable(agent.getSpec().region()).orElse(Region.EU);
            return of(region, agent.getSpec().size(), agent.getSpec().image(), provider, fleet, Optional.empty());
        }
        var source = fleet.agent(agent.getMetadata().getNamespace(), cloneOf);
        var unfit = unfit(agent, cloneOf, source);
        if (unfit.isPresent()) {
            return new Kitchen(Optional.empty(), unfit);
        }
        var status = source.orElseThrow().getStatus();
        Region region = Region.valueOf(status.region().toUpperCase(java.util.Locale.ROOT));
        return of(region, status.size(), status.agentImage(), provider, fleet, source);
    }

    private static Kitchen of(
            Region region,
            String size,
            String imageName,
            ProviderConfig provider,
            Fleet fleet,
            Optional<Agent> source) {
        var image = fleet.agentImage(imageName);
        return image.isEmpty()
                ? new Kitchen(
                        Optional.empty(),
                        Refusal.of(AGENT_IMAGE_NOT_FOUND, "spec.image: there is no AgentImage '%s'", imageName))
                : new Kitchen(
                        Optional.of(new Recipe(
                                region,
                                size,
                                imageName,
                                image.get(),
                                provider.getSpec().agentBaseImage(),
                                source)),
                        Optional.empty());
    }

    private static Optional<Refusal> unfit(Agent agent, String cloneOf, Optional<Agent> source) {
        if (source.isEmpty()
                || !source.get().getSpec().account().equals(agent.getSpec().account())) {
            return Refusal.of(
                    CLONE_SOURCE_UNAVAILABLE,
                    "spec.cloneOf: Account '%s' has no Agent '%s' in this namespace",
                    agent.getSpec().account(),
                    cloneOf);
        }
        var it = source.get();
        if (it.getMetadata().getDeletionTimestamp() != null) {
            return Refusal.of(CLONE_SOURCE_UNAVAILABLE, "spec.cloneOf: Agent '%s' is being deleted", cloneOf);
        }
        return it.getStatus() == null || it.getStatus().frozenSecret() == null
                ? Refusal.of(CLONE_SOURCE_UNAVAILABLE, "spec.cloneOf: Agent '%s' is not frozen yet", cloneOf)
                : Optional.empty();
    }
}
