package dev.anchorhold.operator.fleet;

import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ObjectStatus;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts how many GiB of volumes the Agents of each account hold, or were granted: kept up as they change, so that asking does
 * not go through all. What was granted counts as held from then on: a volume that is being made or grown, and comes to be seen
 * later, keeps its room. Who asks first is granted first.
 */
final class VolumeQuota {
    private final Map<String, Holding> holdings = new HashMap<>();
    private final Map<String, Long> sums = new HashMap<>();

    /** @param granted of these GiB, those that it asked for and got */
    private record Holding(String account, long gib, long granted) {}

    /** @see TrimmedItemStore#onChange */
    synchronized void changed(Agent before, Agent now) {
        if (now != null) {
            put(uid(now), new Holding(account(now), Math.max(held(now), granted(now)), granted(now)));
        }
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            put(uid(before), null);
        }
    }

    /** Whether it may hold so many GiB, of which it has some already: what it wants counts against others, and gives it no right itself. */
    synchronized boolean grant(Agent agent, int gib, long quota) {
        Holding last = holdings.get(uid(agent));
        boolean counted = last != null && last.account.equals(account(agent));
        long others = sums.getOrDefault(account(agent), 0L) - (counted ? last.gib : 0);
        boolean room = gib <= Math.max(seen(agent), granted(agent)) || others + gib <= quota;
        if (last != null && room) {
            long granted = Math.max(granted(agent), gib);
            put(uid(agent), new Holding(account(agent), Math.max(held(agent), granted), granted));
        }
        return room;
    }

    /** By the account that it is of now. */
    private long granted(Agent agent) {
        Holding last = holdings.get(uid(agent));
        return last != null && last.account.equals(account(agent)) ? last.granted : 0;
    }

    private static long seen(Agent agent) {
        return ObjectStatus.own(agent)
                .map(AgentStatus::volumeGiB)
                .map(Integer::longValue)
                .orElse(0L);
    }

    /** What is being made since before this process began is as large as wanted. */
    private static long held(Agent agent) {
        var status = ObjectStatus.own(agent).orElse(AgentStatus.NONE);
        if (status.volumeGiB() != null) {
            return status.volumeGiB(); // of an Agent that took it over also before it is frozen
        }
        return status.frozenSecret() == null ? 0 : agent.getSpec().dataVolume().sizeGiB();
    }

    private void put(String uid, Holding now) {
        Holding last = now == null ? holdings.remove(uid) : holdings.put(uid, now);
        if (last != null) {
            sums.computeIfPresent(last.account, (_, sum) -> sum == last.gib ? null : sum - last.gib);
        }
        if (now != null) {
            sums.merge(now.account, now.gib, Long::sum);
        }
    }

    private static String account(Agent agent) {
        return agent.getSpec().account();
    }

    private static String uid(Agent agent) {
        return agent.getMetadata().getUid();
    }
}
