package dev.anchorhold.operator.providerconfig;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.door.GuestDoor;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.SpecChangeFilter;
import dev.anchorhold.operator.fleet.TrimmedItemStore;
import dev.anchorhold.operator.journal.Books;
import dev.anchorhold.operator.pipeline.AccountAdmission;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StatusWriter;
import dev.anchorhold.operator.session.CloudMarks;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.operator.session.SealedKey;
import dev.anchorhold.platform.Printable;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Condition.Status;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigStatus;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Reconciler of ProviderConfigs: opens the cloud's session, writes whether its credentials are valid, and keeps the
 * finalizer while accounts need it (F13).
 */
@ControllerConfiguration(
        name = "providerconfig",
        finalizerName = "anchorhold.dev/providerconfig",
        generationAwareEventProcessing = false,
        informer =
                @Informer(
                        onUpdateFilter = SpecChangeFilter.class,
                        itemStore = TrimmedItemStore.class,
                        informerListLimit = TrimmedItemStore.PAGE),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
public class ProviderConfigReconciler implements Reconciler<ProviderConfig>, Cleaner<ProviderConfig> {
    /** So many names a message has. */
    private static final int LISTED = 5;

    private static final Duration SOON = Duration.ofMillis(200);
    private static final Duration UNTIL_KNOWN = Duration.ofSeconds(1);
    private static final Duration WHILE_REFUSED = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofSeconds(30);

    private final Fleet fleet;
    private final CloudSessions sessions;
    private final StatusWriter status;
    private final OrphanSweep orphans;
    private final InstantSource clock;

    @Inject
    public ProviderConfigReconciler(
            Fleet fleet,
            CloudSessions sessions,
            StatusWriter status,
            Books books,
            GuestDoor door,
            EventRecorder eventRecorder,
            InstantSource clock,
            MeterRegistry metrics) {
        this.fleet = fleet;
        this.sessions = sessions;
        this.status = status;
        this.orphans =
                new OrphanSweep(fleet, new OrphanEndings(fleet, books, door, clock), eventRecorder, clock, metrics);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ProviderConfig>> prepareEventSources(EventSourceContext<ProviderConfig> context) {
        return List.of(fleet.registerProviderConfigs(context));
    }

    @Override
    public UpdateControl<ProviderConfig> reconcile(ProviderConfig cached, Context<ProviderConfig> context) {
        if (!fleet.isSynced()) {
            return UpdateControl.<ProviderConfig>noUpdate().rescheduleAfter(SOON.toMillis());
        }
        ProviderConfig provider = status.newest(cached);
        Optional<HetznerSession> session = sessions.open(provider);
        ProjectCheck projectCheck = checkProject(provider, session);
        boolean acceptedAgain =
                session.filter(HetznerSession::recheckCredentials).isPresent();
        ConditionState credentials = credentials(provider, session, projectCheck);
        Optional<ConditionState> cloudflare = cloudflare(provider);
        Optional<ConditionState> domain = domain(provider);
        ConditionState summary = credentials.status != Status.True
                ? credentials
                : cloudflare
                        .filter(it -> it.status != Status.True)
                        .or(() -> domain.filter(it -> it.status != Status.True))
                        .orElse(credentials);
        ConditionState sweep = session.filter(_ -> credentials.status == Status.True)
                .map(s -> orphans(provider, s))
                .orElse(null);
        var conditions = new Conditions(
                provider.getStatus() == null ? null : provider.getStatus().conditions(),
                provider.getMetadata().getGeneration(),
                clock.instant());
        conditions.set(READY, summary.status, summary.reason, summary.message);
        conditions.set(CREDENTIALS_VALID, credentials.status, credentials.reason, credentials.message);
        cloudflare.ifPresent(c -> conditions.set(CLOUDFLARE_VALID, c.status, c.reason, c.message));
        domain.ifPresent(d -> conditions.set(DOMAIN_COVERED, d.status, d.reason, d.message));
        if (sweep != null) {
            conditions.set(NO_ORPHANS, sweep.status, sweep.reason, sweep.message);
        } else {
            orphans.paused(provider.getMetadata().getName());
        }
        var now = new ProviderConfigStatus(
                provider.getMetadata().getGeneration(), projectCheck.keyId, zoneId(provider), conditions.toList());
        if (!now.equals(provider.getStatus())) {
            if (!status.write(provider, now)) {
                return UpdateControl.<ProviderConfig>noUpdate().rescheduleAfter(SOON.toMillis());
            }
            wakeIfChanged(provider, now);
        }
        if (acceptedAgain) {
            wakeAll(provider);
        }
        confirm(session, projectCheck);
        return UpdateControl.<ProviderConfig>noUpdate()
                .rescheduleAfter(nextLook(summary).toMillis());
    }

    private static Duration nextLook(ConditionState summary) {
        return switch (summary.reason) {
            case CREDENTIALS_INVALID -> WHILE_REFUSED;
            default -> summary.status == Status.Unknown ? UNTIL_KNOWN : QUIET;
        };
    }

    @Override
    public DeleteControl cleanup(ProviderConfig provider, Context<ProviderConfig> context) {
        if (!fleet.isSynced()) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(SOON.toMillis());
        }
        String name = provider.getMetadata().getName();
        var accounts = fleet.accountsIn(name);
        if (accounts.isEmpty() && !fleet.isInUse(name)) {
            sessions.forget(name);
            orphans.forget(name);
            status.forget(provider.getMetadata().getUid());
            return DeleteControl.defaultDelete();
        }
        orphans.paused(name);
        var newest = status.newest(provider);
        var session = sessions.open(newest); // the accounts' servers still need it
        sessions.cloudflare().open(newest, CloudMarks.of(newest, fleet).zones());
        ProjectCheck projectCheck = checkProject(newest, session);
        if (session.filter(HetznerSession::recheckCredentials).isPresent()) {
            wakeAll(newest);
        }
        long generation = newest.getMetadata().getGeneration();
        var conditions = new Conditions(
                        newest.getStatus() == null ? null : newest.getStatus().conditions(),
                        generation,
                        clock.instant())
                .set(
                        READY,
                        Status.False,
                        IN_USE,
                        accounts.isEmpty()
                                ? "servers of PlainVms or Agents still stand here; delete them first"
                                : "%d Accounts still build here (%s); delete them first"
                                        .formatted(
                                                accounts.size(),
                                                Printable.first(
                                                        LISTED,
                                                        accounts.stream()
                                                                .map(it -> it.getMetadata()
                                                                        .getName())
                                                                .toList())));
        if (status.write(
                newest,
                new ProviderConfigStatus(generation, projectCheck.keyId, zoneId(newest), conditions.toList()))) {
            confirm(session, projectCheck);
        }
        return DeleteControl.noFinalizerRemoval()
                .rescheduleAfter(Duration.ofSeconds(5).toMillis());
    }

    private record ConditionState(Status status, String reason, String message) {}

    /**
     * Result of checking the project that the token opens.
     *
     * @param keyId of our key there; the recorded one when it was not checked, or is another one
     * @param ours that it is the right project, and has yet to be confirmed
     */
    private record ProjectCheck(Long keyId, boolean ours, Optional<CloudException> failure) {}

    private ProjectCheck checkProject(ProviderConfig provider, Optional<HetznerSession> session) {
        Long key = provider.getStatus() == null ? null : provider.getStatus().sealedKeyId();
        if (session.filter(HetznerSession::mayProbe).isEmpty()) {
            return new ProjectCheck(key, false, Optional.empty());
        }
        Optional<Long> confirmed = session.get().sealedKey().confirmedId();
        if (session.get().sealedKey().isVerified()
                && (key == null || confirmed.filter(key::equals).isPresent())) {
            return new ProjectCheck(confirmed.orElse(key), false, Optional.empty());
        }
        var marks = CloudMarks.of(provider, fleet);
        try {
            return session.get().sealedKey().checkProject(marks.sealedKeys(), marks.keyExpected())
                            instanceof SealedKey.Project.Expected(long id)
                    ? new ProjectCheck(id, true, Optional.empty())
                    : new ProjectCheck(key, false, Optional.empty());
        } catch (CloudException e) {
            session.get().recordCredentialFailure(e);
            return new ProjectCheck(key, false, Optional.of(e));
        }
    }

    /** Only after the key is on record: without that another project could not be told later. */
    private void confirm(Optional<HetznerSession> session, ProjectCheck projectCheck) {
        if (projectCheck.ours) {
            sessions.confirm(session.orElseThrow(), projectCheck.keyId);
        }
    }

    private ConditionState credentials(
            ProviderConfig provider, Optional<HetznerSession> session, ProjectCheck projectCheck) {
        var closed = sessions.whyUnusable(provider.getMetadata().getName());
        if (closed.isPresent()) {
            return new ConditionState(
                    Status.False, closed.get().reason(), closed.get().message());
        }
        var s = session.orElseThrow();
        if (projectCheck.failure.isPresent()) {
            return projectCheck.failure.get() instanceof CloudException.NameTaken taken
                    ? new ConditionState(Status.False, NAME_TAKEN, taken.getMessage())
                    : new ConditionState(
                            Status.Unknown,
                            CLOUD_UNAVAILABLE,
                            projectCheck.failure.get().getMessage());
        }
        return s.inventory()
                .whyStale()
                .map(why -> new ConditionState(Status.Unknown, INVENTORY_STALE, why))
                .orElseGet(() -> new ConditionState(Status.True, AS_SPECIFIED, "the cloud accepts the token"));
    }

    /** How it stands with the tunnels' account, where the provider names one. */
    private Optional<ConditionState> cloudflare(ProviderConfig provider) {
        String name = provider.getMetadata().getName();
        sessions.cloudflare().open(provider, CloudMarks.of(provider, fleet).zones());
        if (provider.getSpec().cloudflare() == null) {
            return Optional.empty();
        }
        return Optional.of(sessions.cloudflare()
                .whyInvalid(name)
                .map(unusable -> new ConditionState(
                        unusable.reason().equals(CLOUD_UNAVAILABLE) ? Status.Unknown : Status.False,
                        unusable.reason(),
                        unusable.message()))
                .or(() -> sessions.cloudflare()
                        .get(name)
                        .flatMap(s -> s.inventory().whyStale())
                        .map(why -> new ConditionState(Status.Unknown, INVENTORY_STALE, why)))
                .orElseGet(() -> new ConditionState(
                        Status.True, AS_SPECIFIED, "Cloudflare accepts the token, and the zone is the account's")));
    }

    /** Whether browsers will get to the Agents of a provider that has any. */
    private static Optional<ConditionState> domain(ProviderConfig provider) {
        return Optional.ofNullable(provider.getSpec().cloudflare())
                .map(it -> AccountAdmission.checkDomain(provider)
                        .map(r -> new ConditionState(Status.False, r.reason(), r.message()))
                        .orElseGet(() -> new ConditionState(
                                Status.True, AS_SPECIFIED, "a certificate covers the names in " + it.domainOrZone())));
    }

    /** As it was confirmed; as it is on record while it is not. */
    private String zoneId(ProviderConfig provider) {
        return sessions.cloudflare()
                .get(provider.getMetadata().getName())
                .map(s -> s.zone().id())
                .orElse(
                        provider.getStatus() == null
                                ? null
                                : provider.getStatus().zoneId());
    }

    private ConditionState orphans(ProviderConfig provider, HetznerSession session) {
        var edge = sessions.cloudflare()
                .get(session.provider())
                .filter(e -> e.inventory().whyStale().isEmpty());
        var found = orphans.sweep(provider, session, edge);
        return found.orphans().isEmpty()
                ? new ConditionState(Status.True, AS_SPECIFIED, "everything that bears our mark belongs to an object")
                : new ConditionState(
                        Status.False,
                        ORPHANS_FOUND,
                        "things that no object owns: %s; what belongs to an object that was restored is taken over by its annotation %s; delete the others in the cloud's console, or set spec.orphans: Delete (and spec.orphanVolumesAfterDays for volumes)%s"
                                .formatted(
                                        found.summary(),
                                        ApiNames.ADOPT_FROM,
                                        found.heldUntil()
                                                .map(at ->
                                                        ". Nothing is deleted before %s: the ProviderConfig is new in this cluster, and a restore may be under way"
                                                                .formatted(at))
                                                .orElse("")));
    }

    /** Enqueues what builds here when it became, or ceased to be, ready, or when the spec has changed. */
    private void wakeIfChanged(ProviderConfig provider, ProviderConfigStatus now) {
        var before = Optional.ofNullable(provider.getStatus());
        boolean sameReady = before.flatMap(b -> Condition.find(b.conditions(), READY))
                .map(Condition::status)
                .equals(Condition.find(now.conditions(), READY).map(Condition::status));
        if (sameReady
                && Objects.equals(
                        before.map(ProviderConfigStatus::observedGeneration).orElse(null), now.observedGeneration())) {
            return;
        }
        wakeAll(provider);
    }

    private void wakeAll(ProviderConfig provider) {
        for (Account account : fleet.accountsIn(provider.getMetadata().getName())) {
            fleet.enqueue(account);
            fleet.allOf(account.getMetadata().getName()).forEach(fleet::enqueue);
        }
    }
}
