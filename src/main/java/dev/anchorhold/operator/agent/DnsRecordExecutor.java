package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.Purpose;
import dev.anchorhold.cloud.Urgency;
import dev.anchorhold.cloud.cloudflare.CloudflareOwnership;
import dev.anchorhold.cloud.cloudflare.DesiredDnsRecord;
import dev.anchorhold.cloud.cloudflare.DnsRecord;
import dev.anchorhold.operator.agent.AgentStep.*;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import java.util.Optional;

/**
 * Executes the steps on an Agent's DNS record, which points its host name at its tunnel. A record without our comment
 * is a stranger's, and is not touched (F19).
 */
final class DnsRecordExecutor extends EdgeStepExecutor {
    private static final String TUNNELS = ".cfargotunnel.com";

    DnsRecordExecutor(
            HetznerSession session, Optional<CloudflareSession> edge, Agent agent, EventRecorder eventRecorder) {
        super(session, edge, agent, eventRecorder);
    }

    @Override
    Optional<String> permission() {
        return Optional.of(CloudflareSession.RECORDS);
    }

    void create(DesiredDnsRecord wanted) {
        DnsRecord made = createOrAdopt(
                () -> edge().records().create(Urgency.PROVISIONING, Purpose.CREATE, wanted),
                () -> edge().records().listByName(Urgency.PROVISIONING, Purpose.LOOKUP, wanted.name()).stream()
                        .filter(this::isOurs)
                        .findFirst());
        edge().inventory().recordRecord(uid(), made);
    }

    void update(UpdateRecord s) {
        requireOwned(s.recordId());
        var now = edge().records().update(Urgency.DELETION_OR_PERSON, Purpose.UPDATE, s.recordId(), s.wanted());
        edge().inventory().recordRecord(uid(), now);
        emitEvent(
                "RecordChanged",
                "UpdateRecord",
                "%s leads to the Agent's tunnel again".formatted(s.wanted().name()));
    }

    void delete(String id) {
        requireOwned(id);
        edge().records().delete(Urgency.DELETION_OR_PERSON, Purpose.DELETE, id);
        edge().inventory().recordRecordDeleted(uid(), id);
    }

    void disown(DnsRecord kept) {
        requireOwned(kept.id());
        edge().records()
                .update(
                        Urgency.DELETION_OR_PERSON,
                        Purpose.DELETE,
                        kept.id(),
                        new DesiredDnsRecord(
                                kept.name(),
                                kept.content().replace(TUNNELS, ""),
                                CloudflareOwnership.abandonedComment(session.installation(), uid())));
        edge().inventory().recordRecordDeleted(uid(), kept.id());
        emitEvent(
                "RecordReleased",
                "Disown",
                "the record of %s stays, and is no longer looked after".formatted(kept.name()));
    }

    /** Marked already, by a process that died: then it is as wanted. */
    void take(TakeRecord s) {
        var there = edge().records()
                .get(Urgency.DELETION_OR_PERSON, Purpose.LOOKUP, s.kept().id())
                .orElseThrow(() -> gone(s.kept()));
        String owner = edge().inventory().uidOf(there);
        if (!owner.equals(uid()) && !owner.equals(s.from())) {
            throw gone(there);
        }
        var ours = owner.equals(uid())
                ? there
                : edge().records()
                        .update(
                                Urgency.DELETION_OR_PERSON,
                                Purpose.UPDATE,
                                there.id(),
                                new DesiredDnsRecord(
                                        there.name(),
                                        there.content().replace(TUNNELS, ""),
                                        CloudflareOwnership.comment(session.installation(), uid())));
        edge().inventory().recordRecord(uid(), ours);
        emitEvent("Adopted", "Adopt", "took over the record of %s from %s".formatted(there.name(), s.from()));
    }

    private CloudException gone(DnsRecord record) {
        requestReread();
        return new CloudException.NotFound(new CloudException.Detail(
                "no_record", "the record of %s is not the predecessor's any more".formatted(record.name()), ""));
    }

    /** What we know of comments may be an hour old. */
    private void requireOwned(String id) {
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
