package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.Sighting.Absent;
import dev.anchorhold.cloud.Sighting.Seen;
import dev.anchorhold.cloud.hetzner.Server;
import dev.anchorhold.cloud.hetzner.Volume;
import dev.anchorhold.operator.agent.AgentObservation.Cloud;
import dev.anchorhold.operator.server.ServerDrift;
import dev.anchorhold.operator.server.ServerObservation;
import dev.anchorhold.resource.ServerAsMade;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds what somebody changed of an Agent's server and volume in the cloud and nothing puts right. Pure. */
final class AgentDrift {
    private AgentDrift() {}

    /** In words; empty while nobody knows. */
    static Optional<List<String>> of(AgentObservation agent, ServerAsMade made) {
        return agent.cloud().flatMap(cloud -> {
            var drift = new ArrayList<String>();
            Set<Long> own = new HashSet<>();
            if (cloud.volumes() instanceof Seen<List<Volume>>(var volumes, var _) && volumes.size() == 1) {
                own.add(volumes.getFirst().id());
                drift.addAll(volume(agent, cloud, volumes.getFirst()));
            }
            return switch (cloud.server().servers()) {
                case Seen<List<Server>>(var servers, var _)
                when servers.size() == 1 -> {
                    var server = servers.getFirst();
                    drift.addAll(ServerDrift.of(server, made, expectedName(agent, cloud, server.name()), own));
                    yield Optional.of(drift);
                }
                case Absent<List<Server>> _ -> Optional.of(drift);
                default -> Optional.empty();
            };
        });
    }

    /** That it is attached, and as large as wanted, is put right. */
    private static List<String> volume(AgentObservation agent, Cloud cloud, Volume volume) {
        var drift = new ArrayList<String>();
        int wanted = agent.spec().dataVolume().sizeGiB();
        if (volume.size() > wanted) {
            drift.add(
                    "volume %d has %d GiB, more than spec.dataVolume.sizeGiB: %d, and cannot shrink; set the spec to it"
                            .formatted(volume.id(), volume.size(), wanted));
        }
        String name = expectedName(agent, cloud, volume.name());
        if (!volume.name().equals(name)) {
            drift.add("the volume's name is '%s', no longer '%s'".formatted(volume.name(), name));
        }
        if (volume.protection().delete()) {
            drift.add("volume %d is protected against deletion".formatted(volume.id()));
        }
        return drift;
    }

    private static String expectedName(AgentObservation agent, Cloud cloud, String now) {
        return cloud.identity().expectedName(now, agent.status().adoption() != null);
    }

    /** What its server is compared with. */
    static ServerAsMade asMade(AgentObservation agent, boolean provisioned) {
        var before = agent.status();
        var seen = agent.cloud().map(Cloud::server);
        boolean same = seen.flatMap(ServerObservation::server)
                .filter(s -> Long.valueOf(s.id()).equals(before.serverId()))
                .isPresent();
        return seen.map(s -> ServerDrift.asMade(s, before.asMade(), same ? before.serverType() : null, provisioned))
                .orElse(before.asMade());
    }
}
