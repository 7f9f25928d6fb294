package dev.anchorhold.operator.fleet;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.Adoption;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.ApiNames;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.ObjectStatus;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Typed access to the informer caches of all our kinds, with their indices, and the event sources by which one kind's
 * reconciler enqueues objects of another. Each controller brings its cache as it starts; nothing is decided before all
 * of them are there.
 */
public final class Fleet {
    private static final String BY_ACCOUNT = "account";
    private static final String BY_PROVIDER = "provider";
    private static final String BY_UID = "uid";
    private static final String BY_IMAGE = "image";
    private static final String BY_PREDECESSOR = "predecessor";
    private static final String WAITS_FOR_QUOTA = "quota";
    private static final Set<String> NOT_TAKEN =
            Set.of(Reasons.NAMESPACE_NOT_ALLOWED, Reasons.ACCOUNT_DELETING, Reasons.PROVIDER_CONFIG_DELETING);

    private final Map<Class<?>, Registration<?>> kinds = new ConcurrentHashMap<>();
    private final ItemIndex<PlainVm> plainVmsByAccount = new ItemIndex<>(
            vm -> countsIn(vm, vm.getSpec().account(), ObjectStatus.own(vm).map(PlainVmStatus::conditions)));
    private final ItemIndex<PlainVm> plainVmsByProvider =
            new ItemIndex<>(vm -> ObjectStatus.own(vm).map(PlainVmStatus::providerConfig));
    private final ItemIndex<Agent> agentsByAccount = new ItemIndex<>(agent ->
            countsIn(agent, agent.getSpec().account(), ObjectStatus.own(agent).map(AgentStatus::conditions)));
    private final ItemIndex<Agent> agentsByProvider =
            new ItemIndex<>(agent -> ObjectStatus.own(agent).map(AgentStatus::providerConfig));
    private final QuotaRanking<PlainVm> plainVmQuota = new QuotaRanking<>(
            vm -> vm.getSpec().account(),
            Fleet::hasPlaceOnRecord,
            vm -> isTaken(vm.getSpec().account(), vm));
    private final QuotaRanking<Agent> agentQuota = new QuotaRanking<>(
            agent -> agent.getSpec().account(),
            agent -> ObjectStatus.own(agent).map(AgentStatus::frozenSecret).isPresent(),
            agent -> isTaken(agent.getSpec().account(), agent));
    private final VolumeQuota volumeQuota = new VolumeQuota();
    private volatile ItemIndex<PlainVm> plainVmsByFirewall = new ItemIndex<>(_ -> Optional.empty());
    private final ReadyCounts readyCounts;
    private volatile boolean complete;

    private record Registration<T extends HasMetadata>(
            IndexerResourceCache<T> cache, SimpleInboundEventSource<T> events) {}

    public Fleet(MeterRegistry metrics) {
        readyCounts = new ReadyCounts(metrics);
    }

    /**
     * @param sharedFirewall the name of the one that it wants where firewalls are shared
     * @param removed called with each that is there no more, as it was last; must return at once
     */
    public SimpleInboundEventSource<PlainVm> registerPlainVms(
            EventSourceContext<PlainVm> controller,
            Function<PlainVm, Optional<String>> sharedFirewall,
            Consumer<PlainVm> removed) {
        plainVmsByFirewall = new ItemIndex<>(sharedFirewall);
        var store = TrimmedItemStore.of(controller);
        store.onChange(plainVmsByAccount::changed);
        store.onChange(plainVmsByProvider::changed);
        store.onChange(plainVmsByFirewall::changed);
        store.onChange((before, now) -> plainVmQuota.changed(before, unlessReleased(now)));
        store.onChange((before, now) -> whenRemoved(before, now, removed)); // after those who count
        controller
                .getPrimaryCache()
                .addIndexers(Map.of(
                        BY_ACCOUNT, vm -> List.of(vm.getSpec().account()),
                        BY_UID, vm -> List.of(vm.getMetadata().getUid()),
                        BY_PREDECESSOR, vm -> predecessors(vm).distinct().toList(),
                        WAITS_FOR_QUOTA,
                                vm -> waitsForQuota(Optional.ofNullable(vm.getStatus())
                                                .map(PlainVmStatus::conditions))
                                        ? List.of(vm.getSpec().account())
                                        : List.of()));
        return register(PlainVm.class, controller);
    }

    /** @param removed called with each that is there no more, as it was last; must return at once */
    public SimpleInboundEventSource<Agent> registerAgents(
            EventSourceContext<Agent> controller, Consumer<Agent> removed) {
        var store = TrimmedItemStore.of(controller);
        store.onChange(agentsByAccount::changed);
        store.onChange(agentsByProvider::changed);
        store.onChange((before, now) -> agentQuota.changed(before, unlessReleased(now)));
        store.onChange((before, now) -> volumeQuota.changed(before, unlessReleased(now)));
        store.onChange((before, now) -> whenRemoved(before, now, removed)); // after those who count
        controller
                .getPrimaryCache()
                .addIndexers(Map.of(
                        BY_ACCOUNT, a -> List.of(a.getSpec().account()),
                        BY_UID, a -> List.of(a.getMetadata().getUid()),
                        BY_PREDECESSOR, a -> predecessors(a).distinct().toList(),
                        BY_IMAGE, a -> imageOf(a).stream().toList(),
                        WAITS_FOR_QUOTA,
                                a -> waitsForQuota(Optional.ofNullable(a.getStatus())
                                                .map(AgentStatus::conditions))
                                        ? List.of(a.getSpec().account())
                                        : List.of()));
        return register(Agent.class, controller);
    }

    private static <T extends HasMetadata> void whenRemoved(T before, T now, Consumer<T> removed) {
        if (before != null
                && (now == null
                        || !now.getMetadata()
                                .getUid()
                                .equals(before.getMetadata().getUid()))) {
            removed.accept(before);
        }
    }

    /** Its server is made, or may be being made since before this process began: what was admitted as it is now keeps its place in the quota. */
    static boolean hasPlaceOnRecord(PlainVm vm) {
        return ObjectStatus.own(vm).isPresent()
                && (vm.getStatus().serverId() != null
                        || Condition.find(vm.getStatus().conditions(), Reasons.ADMITTED)
                                .filter(it -> it.holds()
                                        && Objects.equals(
                                                it.observedGeneration(),
                                                vm.getMetadata().getGeneration()))
                                .isPresent());
    }

    /** The account, unless it was not taken there at all, or has nothing any more. */
    private static Optional<String> countsIn(HasMetadata object, String account, Optional<List<Condition>> conditions) {
        return isReleased(object)
                        || conditions
                                .flatMap(it -> Condition.find(it, Reasons.ADMITTED))
                                .filter(it -> NOT_TAKEN.contains(it.reason()))
                                .isPresent()
                ? Optional.empty()
                : Optional.of(account);
    }

    /** Our finalizer has gone, so nothing is left of it; those of others may keep the object for ever. */
    private static boolean isReleased(HasMetadata object) {
        return object.getMetadata().getDeletionTimestamp() != null
                && object.getMetadata().getFinalizers().stream().noneMatch(ApiNames.FINALIZERS::contains);
    }

    private static <T extends HasMetadata> T unlessReleased(T object) {
        return object == null || isReleased(object) ? null : object;
    }

    /** Whether the account names its namespace. Before all caches are filled nothing is taken: each object asks soon. */
    private boolean isTaken(String account, HasMetadata object) {
        return complete
                && account(account)
                        .map(it -> it.getSpec().namespaces())
                        .filter(it -> it.contains(object.getMetadata().getNamespace()))
                        .isPresent();
    }

    private static boolean waitsForQuota(Optional<List<Condition>> conditions) {
        return conditions
                .flatMap(it -> Condition.find(it, Reasons.READY))
                .filter(it -> it.reason().equals(Reasons.QUOTA_EXCEEDED))
                .isPresent();
    }

    /** The AgentImage that it was provisioned from, or will be; a clone's is known when it is provisioned. */
    private static Optional<String> imageOf(Agent agent) {
        return ObjectStatus.own(agent)
                .map(AgentStatus::agentImage)
                .or(() -> Optional.ofNullable(agent.getSpec().image()));
    }

    public SimpleInboundEventSource<AgentImage> registerAgentImages(EventSourceContext<AgentImage> controller) {
        return register(AgentImage.class, controller);
    }

    public SimpleInboundEventSource<Account> registerAccounts(EventSourceContext<Account> controller) {
        controller
                .getPrimaryCache()
                .addIndexers(Map.of(
                        BY_PROVIDER,
                        a -> List.of(a.getSpec().providerConfigRef().name())));
        return register(Account.class, controller);
    }

    public SimpleInboundEventSource<ProviderConfig> registerProviderConfigs(
            EventSourceContext<ProviderConfig> controller) {
        return register(ProviderConfig.class, controller);
    }

    private <T extends HasMetadata> SimpleInboundEventSource<T> register(
            Class<T> type, EventSourceContext<T> controller) {
        var events = new SimpleInboundEventSource<T>("fleet");
        TrimmedItemStore.of(controller).onChange(readyCounts::changed);
        kinds.put(type, new Registration<>(controller.getPrimaryCache(), events));
        return events;
    }

    /** All caches are filled: from now on "not there" means so. */
    public void markSynced() {
        complete = true;
    }

    public boolean isSynced() {
        return complete;
    }

    public Optional<Account> account(String name) {
        return cache(Account.class).get(new ResourceID(name));
    }

    public Optional<ProviderConfig> provider(String name) {
        return cache(ProviderConfig.class).get(new ResourceID(name));
    }

    public Stream<ProviderConfig> providers() {
        return cache(ProviderConfig.class).list();
    }

    public List<Account> accountsIn(String provider) {
        return cache(Account.class).byIndex(BY_PROVIDER, provider);
    }

    public int plainVmCount(String account) {
        return plainVmsByAccount.count(account);
    }

    /** Whether the account's quota of PlainVms has room for it, with those that come before it. */
    public boolean hasRoom(PlainVm vm, int quota) {
        return plainVmQuota.hasRoom(vm, quota);
    }

    /** Any that wants the shared firewall of that name. */
    public Optional<PlainVm> anyPlainVmWanting(String sharedFirewall) {
        return plainVmsByFirewall.any(sharedFirewall).flatMap(cache(PlainVm.class)::get);
    }

    public Optional<PlainVm> plainVm(String uid) {
        return cache(PlainVm.class).byIndex(BY_UID, uid).stream().findFirst();
    }

    public Optional<AgentImage> agentImage(String name) {
        return cache(AgentImage.class).get(new ResourceID(name));
    }

    public int agentCount(String account) {
        return agentsByAccount.count(account);
    }

    /** Whether the account's quota of Agents has room for it, with those that come before it. */
    public boolean hasRoom(Agent agent, int quota) {
        return agentQuota.hasRoom(agent, quota);
    }

    /**
     * Whether the account's quota of GiB has room for a volume of so many, beside those of its other Agents; it is then kept for it.
     *
     * @param quota null for none
     */
    public boolean hasRoomForVolume(Agent agent, int gib, Integer quota) {
        return volumeQuota.grant(agent, gib, quota == null ? Long.MAX_VALUE : quota);
    }

    public List<Agent> agentsOfImage(String image) {
        return cache(Agent.class).byIndex(BY_IMAGE, image);
    }

    public Stream<Agent> agents() {
        return cache(Agent.class).list();
    }

    public Optional<Agent> agent(String uid) {
        return cache(Agent.class).byIndex(BY_UID, uid).stream().findFirst();
    }

    public Optional<Agent> agent(String namespace, String name) {
        return cache(Agent.class).get(new ResourceID(name, namespace));
    }

    /** The object of this UID, of whatever kind that has things in the cloud. */
    public Optional<HasMetadata> objectOf(String uid) {
        return plainVm(uid).<HasMetadata>map(vm -> vm).or(() -> agent(uid));
    }

    /** All that may have things in the cloud. */
    public Stream<HasMetadata> objects() {
        return Stream.concat(cache(PlainVm.class).list(), agents());
    }

    /** The UIDs of predecessors whose things an object takes over, or asks to. */
    public Set<String> adoptedUids() {
        return objects().flatMap(Fleet::predecessors).collect(Collectors.toSet());
    }

    /** Those that take over what this predecessor left, or ask to. */
    public Stream<HasMetadata> adoptersOf(String uid) {
        return byIndex(BY_PREDECESSOR, uid);
    }

    private static Stream<String> predecessors(HasMetadata object) {
        var adoption = switch (object) {
            case PlainVm vm when vm.getStatus() != null -> vm.getStatus().adoption();
            case Agent agent when agent.getStatus() != null -> agent.getStatus().adoption();
            default -> null;
        };
        return Stream.concat(
                Optional.ofNullable(object.getMetadata().getAnnotations())
                        .map(it -> it.get(ApiNames.ADOPT_FROM))
                        .stream(),
                Optional.ofNullable(adoption).map(Adoption::from).stream());
    }

    /** All of the account's that has things in the cloud. */
    public Stream<HasMetadata> allOf(String account) {
        return byIndex(BY_ACCOUNT, account);
    }

    /**
     * Whether anything of the account's stands, or may be about to: what was looked at and has no cloud on record was
     * not admitted, and does not keep it.
     */
    public boolean holdsAccount(String account) {
        return allOf(account).anyMatch(it -> switch (it) {
            case PlainVm vm ->
                isUnseen(vm.getStatus(), PlainVmStatus::observedGeneration)
                        || vm.getStatus().providerConfig() != null;
            case Agent agent ->
                isUnseen(agent.getStatus(), AgentStatus::observedGeneration)
                        || agent.getStatus().providerConfig() != null;
            default -> true;
        });
    }

    /** Nobody looked at it yet: the CRD's default says so by a generation of -1. */
    private static <S> boolean isUnseen(S status, Function<S, Long> observedGeneration) {
        return status == null || Objects.requireNonNullElse(observedGeneration.apply(status), -1L) < 0;
    }

    /** Those of the account's that have no room in its quota. */
    public Stream<HasMetadata> waitingForQuota(String account) {
        return byIndex(WAITS_FOR_QUOTA, account);
    }

    private Stream<HasMetadata> byIndex(String index, String key) {
        return Stream.concat(
                cache(PlainVm.class).byIndex(index, key).stream(), cache(Agent.class).byIndex(index, key).stream());
    }

    /** Whether anything stands in the provider's cloud. */
    public boolean isInUse(String provider) {
        return plainVmsByProvider.any(provider).isPresent()
                || agentsByProvider.any(provider).isPresent();
    }

    /** The keys by which the objects that stand in the provider's cloud know their project. Looks through all objects. */
    public Stream<Long> sealedKeysIn(String provider) {
        return Stream.concat(
                        cache(PlainVm.class)
                                .list()
                                .map(PlainVm::getStatus)
                                .filter(s -> s != null && provider.equals(s.providerConfig()))
                                .map(PlainVmStatus::sealedKeyId),
                        agentStatusesIn(provider).map(AgentStatus::sealedKeyId))
                .filter(Objects::nonNull)
                .distinct();
    }

    /** The Cloudflare zones with which the tunnels are of the Agents that stand in the provider's clouds. */
    public Stream<String> zonesIn(String provider) {
        return agentStatusesIn(provider)
                .map(AgentStatus::zoneId)
                .filter(Objects::nonNull)
                .distinct();
    }

    private Stream<AgentStatus> agentStatusesIn(String provider) {
        return agents().map(Agent::getStatus).filter(s -> s != null && provider.equals(s.providerConfig()));
    }

    /** Enqueues the account when its status has another count of its objects than the cache. */
    public void enqueueAccountIfCountDiffers(
            String account, Function<AccountStatus, Integer> counted, ToIntFunction<String> count) {
        if (complete) {
            account(account)
                    .filter(a -> a.getStatus() == null
                            || !Objects.equals(counted.apply(a.getStatus()), count.applyAsInt(account)))
                    .ifPresent(this::enqueue);
        }
    }

    /** Enqueues the object. */
    public void enqueue(HasMetadata object) {
        Registration<?> registration = kinds.get(object.getClass());
        if (complete && registration != null) {
            registration.events.propagateEvent(ResourceID.fromResource(object));
        }
    }

    @SuppressWarnings("unchecked")
    private <T extends HasMetadata> IndexerResourceCache<T> cache(Class<T> type) {
        return ((Registration<T>) kinds.get(type)).cache;
    }
}
