package dev.anchorhold.operator.account;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.ledger.event.OpenResource;
import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.SpecChangeFilter;
import dev.anchorhold.operator.fleet.TrimmedItemStore;
import dev.anchorhold.operator.pipeline.Conditions;
import dev.anchorhold.operator.pipeline.StatusWriter;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Condition.Status;
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
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Reconciler of Accounts: writes whether objects can be built for one and how many it has, and keeps its finalizer
 * while it has any (F13).
 */
@ControllerConfiguration(
        name = "account",
        finalizerName = "anchorhold.dev/account",
        generationAwareEventProcessing = false,
        informer =
                @Informer(
                        onUpdateFilter = SpecChangeFilter.class,
                        itemStore = TrimmedItemStore.class,
                        informerListLimit = TrimmedItemStore.PAGE),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 60, timeUnit = TimeUnit.SECONDS))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 30_000)
public class AccountReconciler implements Reconciler<Account>, Cleaner<Account> {
    /** A count is not worth a write for every VM of a hundred. */
    private static final Duration COUNT_INTERVAL = Duration.ofSeconds(2);

    private static final int LISTED = 5;
    private static final Duration SOON = Duration.ofMillis(200);

    private final Fleet fleet;
    private final StatusWriter status;
    private final UnownedPeriods unownedPeriods;
    private final InstantSource clock;
    private final Map<String, Instant> counted = new ConcurrentHashMap<>();

    @Inject
    public AccountReconciler(Fleet fleet, StatusWriter status, UnownedPeriods unownedPeriods, InstantSource clock) {
        this.fleet = fleet;
        this.status = status;
        this.unownedPeriods = unownedPeriods;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Account>> prepareEventSources(EventSourceContext<Account> context) {
        return List.of(fleet.registerAccounts(context));
    }

    @Override
    public UpdateControl<Account> reconcile(Account cached, Context<Account> context) {
        if (!fleet.isSynced()) {
            return UpdateControl.<Account>noUpdate().rescheduleAfter(SOON.toMillis());
        }
        Account account = status.newest(cached);
        var before = Optional.ofNullable(account.getStatus());
        var now = status(account, ready(account));
        boolean ofNote = !before.map(AccountReconciler::withoutCount).equals(Optional.of(withoutCount(now)));
        Instant last = counted.getOrDefault(account.getMetadata().getUid(), Instant.EPOCH);
        if (!ofNote && last.plus(COUNT_INTERVAL).isAfter(clock.instant())) {
            return UpdateControl.<Account>noUpdate().rescheduleAfter(COUNT_INTERVAL.toMillis());
        }
        if (!now.equals(before.orElse(null))) {
            counted.put(account.getMetadata().getUid(), clock.instant());
            if (!status.write(account, now)) {
                return UpdateControl.<Account>noUpdate().rescheduleAfter(SOON.toMillis());
            }
            String name = account.getMetadata().getName();
            (ofNote ? fleet.allOf(name) : fleet.waitingForQuota(name)).forEach(fleet::enqueue);
            if (ofNote) {
                fleet.provider(account.getSpec().providerConfigRef().name()).ifPresent(fleet::enqueue);
            }
        }
        return UpdateControl.noUpdate();
    }

    @Override
    public DeleteControl cleanup(Account cached, Context<Account> context) {
        if (!fleet.isSynced()) {
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(SOON.toMillis());
        }
        Account account = status.newest(cached);
        if (!fleet.holdsAccount(account.getMetadata().getName())) {
            status.forget(account.getMetadata().getUid());
            counted.remove(account.getMetadata().getUid());
            fleet.provider(account.getSpec().providerConfigRef().name()).ifPresent(fleet::enqueue);
            return DeleteControl.defaultDelete();
        }
        status.write(
                account,
                status(
                        account,
                        new ConditionState(
                                Status.False,
                                IN_USE,
                                "the account still has %d PlainVms and %d Agents; delete them first"
                                        .formatted(vms(account), agents(account)))));
        return DeleteControl.noFinalizerRemoval()
                .rescheduleAfter(Duration.ofSeconds(5).toMillis());
    }

    private record ConditionState(Status status, String reason, String message) {}

    private ConditionState ready(Account account) {
        String provider = account.getSpec().providerConfigRef().name();
        return fleet.provider(provider).isPresent()
                ? new ConditionState(Status.True, AS_SPECIFIED, "the account can be built for")
                : new ConditionState(
                        Status.False,
                        PROVIDER_CONFIG_NOT_FOUND,
                        "spec.providerConfigRef: there is no ProviderConfig '" + provider + "'; create it");
    }

    private int vms(Account account) {
        return fleet.plainVmCount(account.getMetadata().getName());
    }

    private int agents(Account account) {
        return fleet.agentCount(account.getMetadata().getName());
    }

    private AccountStatus status(Account account, ConditionState ready) {
        List<Condition> last =
                account.getStatus() == null ? null : account.getStatus().conditions();
        long generation = account.getMetadata().getGeneration();
        var conditions =
                new Conditions(last, generation, clock.instant()).set(READY, ready.status, ready.reason, ready.message);
        unownedPeriods
                .of(account.getMetadata().getName())
                .map(AccountReconciler::periodsOwned)
                .ifPresent(it -> conditions.set(PERIODS_OWNED, it.status, it.reason, it.message));
        return new AccountStatus(generation, vms(account), agents(account), conditions.toList());
    }

    private static ConditionState periodsOwned(List<OpenResource> unowned) {
        return unowned.isEmpty()
                ? new ConditionState(
                        Status.True,
                        AS_SPECIFIED,
                        "whatever the books count time of exists in Kubernetes or in a cloud")
                : new ConditionState(
                        Status.False,
                        PERIOD_WITHOUT_OBJECT,
                        "the books count time of %d resources that are neither in Kubernetes nor in any cloud: %s%s; end each by a correction"
                                .formatted(
                                        unowned.size(),
                                        unowned.stream()
                                                .limit(LISTED)
                                                .map(it -> "%s %s/%s (%s, since %s)"
                                                        .formatted(
                                                                it.kind(),
                                                                it.namespace(),
                                                                it.name(),
                                                                it.uid(),
                                                                it.since().truncatedTo(ChronoUnit.SECONDS)))
                                                .collect(Collectors.joining(", ")),
                                        unowned.size() > LISTED ? ", …" : ""));
    }

    private static AccountStatus withoutCount(AccountStatus s) {
        return new AccountStatus(s.observedGeneration(), null, null, s.conditions());
    }
}
