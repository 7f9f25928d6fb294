package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.cloud.cloudflare.HostName;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.CloudflareSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.resource.Agent;
import java.util.Optional;

/** The record by which an Agent's name leads to its tunnel. Without our comment it is a stranger's, and is not touched (F19). */
final class DnsWork extends AgentWork {
    private static final String TUNNELS = ".cfargotunnel.com";

    DnsWork(CloudSession session, Optional<CloudflareSession> edge, Agent agent, Events events) {
        super(session, edge, agent, events);
    }

    void create(HostName wanted) {
        DnsRecord made = creating(
                () -> edge().records().create(Urgency.PROVISIONING, Purpose.CREATE, wanted),
                () -> edge().records().named(Urgency.PROVISIONING, Purpose.LOOKUP, wanted.name()).stream()
                        .filter(this::isOurs)
                        .findFirst());
        edge().inventory().recordRecord(uid(), made);
    }

    void update(UpdateRecord s) {
        demandOurs(s.recordId());
        var now = edge().records().update(Urgency.DELETION_OR_PERSON, Purpose.UPDATE, s.recordId(), s.wanted());
        edge().inventory().recordRecord(uid(), now);
        tell(
                "RecordChanged",
                "UpdateRecord",
                "%s leads to the Agent's tunnel again".formatted(s.wanted().name()));
    }

    void delete(String id) {
        demandOurs(id);
        edge().records().delete(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id);
        edge().inventory().recordRecordDeleted(uid(), id);
    }

    void disown(DnsRecord kept) {
        demandOurs(kept.id());
        edge().records()
                .update(
                        Urgency.DELETION_OR_PERSON,
                        Purpose.DELETE,
                        kept.id(),
                        new HostName(kept.name(), kept.content().replace(TUNNELS, ""), "released by anchorhold"));
        edge().inventory().recordRecordDeleted(uid(), kept.id());
        tell(
                "RecordReleased",
                "Disown",
                "the record of %s stays, and is no longer looked after".formatted(kept.name()));
    }

    /** What we know of comments may be an hour old. */
    private void demandOurs(String id) {
        edge().records()
                .get(Urgency.DELETION_OR_PERSON, Purpose.CONFIRM, id)
                .filter(r -> !isOurs(r))
                .ifPresent(r -> {
                    throw new CloudException.NotFound(new CloudException.Detail(
                            "not_ours", "the record of %s does not bear our comment any more".formatted(r.name()), ""));
                });
    }

    private boolean isOurs(DnsRecord record) {
        return uid().equals(edge().inventory().uidOf(record));
    }
}
