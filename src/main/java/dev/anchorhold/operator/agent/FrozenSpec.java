package dev.anchorhold.operator.agent;

import dev.anchorhold.resource.AgentSpec.ContainerLimits;
import dev.anchorhold.resource.Region;

/**
 * The part of an Agent's spec that is frozen for life, as far as it is no secret; the environment and the guest program
 * are beside it in the frozen Secret.
 *
 * @param image by digest
 * @param agentImage the AgentImage's name
 * @param revision its revision at the time
 * @param baseImage the cloud's name of the system image
 * @param container null for the limits that every container has, and in what was frozen before there were any
 */
record FrozenSpec(
        String image,
        String agentImage,
        long revision,
        String baseImage,
        Region region,
        String size,
        int port,
        ContainerLimits container) {}
