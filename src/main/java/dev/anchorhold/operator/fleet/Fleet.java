package dev.anchorhold.operator.fleet;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.PlainVmStatus;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.Reasons;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToIntFunction;
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
    private static final String WAITS_FOR_QUOTA = "quota";

    private final Map<Class<?>, Registration<?>> kinds = new ConcurrentHashMap<>();
    private final ItemIndex<PlainVm> plainVmsByAccount =
            new ItemIndex<>(vm -> Optional.of(vm.getSpec().account()));
    private final ItemIndex<PlainVm> plainVmsByProvider =
            new ItemIndex<>(vm -> Optional.ofNullable(vm.getStatus()).map(PlainVmStatus::providerConfig));
    private final ItemIndex<Agent> agentsByAccount =
            new ItemIndex<>(agent -> Optional.of(agent.getSpec().account()));
    private final ItemIndex<Agent> agentsByProvider =
            new ItemIndex<>(agent -> Optional.ofNullable(agent.getStatus()).map(AgentStatus::providerConfig));
    private final QuotaRanking<PlainVm> plainVmQuota =
            new QuotaRanking<>(vm -> vm.getSpec().account(), Fleet::hasPlaceOnRecord);
    private final QuotaRanking<Agent> agentQuota = new QuotaRanking<>(
            agent -> agent.getSpec().account(),
            agent -> agent.getStatus() != null && agent.getStatus().frozenSecret() != null);
    private volatile ItemIndex<PlainVm> plainVmsByFirewall = new ItemIndex<>(_ -> Optional.empty());
    private volatile boolean complete;

    private record Registration<T extends HasMetadata>(
            IndexerResourceCache<T> cache, SimpleInboundEventSource<T> events) {}

    /** @param sharedFirewall the name of the one that it wants where firewalls are shared */
    public SimpleInboundEventSource<PlainVm> registerPlainVms(
            EventSourceContext<PlainVm> controller, Function<PlainVm, Optional<String>> sharedFirewall) {
        plainVmsByFirewall = new ItemIndex<>(sharedFirewall);
        var store = TrimmedItemStore.of(controller);
        store.onChange(plainVmsByAccount::changed);
        store.onChange(plainVmsByProvider::changed);
        store.onChange(plainVmsByFirewall::changed);
        store.onChange(plainVmQuota::changed);
        controller
                .getPrimaryCache()
                .addIndexers(Map.of(
                        BY_ACCOUNT, vm -> List.of(vm.getSpec().account()),
                        BY_UID, vm -> List.of(vm.getMetadata().getUid()),
                        WAITS_FOR_QUOTA,
                                vm -> waitsForQuota(Optional.ofNullable(vm.getStatus())
                                                .map(PlainVmStatus::conditions))
                                        ? List.of(vm.getSpec().account())
                                        : List.of()));
        return register(PlainVm.class, controller);
    }

    public SimpleInboundEventSource<Agent> registerAgents(EventSourceContext<Agent> controller) {
        var store = TrimmedItemStore.of(controller);
        store.onChange(agentsByAccount::changed);
        store.onChange(agentsByProvider::changed);
        store.onChange(agentQuota::changed);
        controller
                .getPrimaryCache()
                .addIndexers(Map.of(
                        BY_ACCOUNT, a -> List.of(a.getSpec().account()),
                        BY_UID, a -> List.of(a.getMetadata().getUid()),
                        BY_IMAGE, a -> imageOf(a).stream().toList(),
                        WAITS_FOR_QUOTA,
                                a -> waitsForQuota(Optional.ofNullable(a.getStatus())
                                                .map(AgentStatus::conditions))
                                        ? List.of(a.getSpec().account())
                                        : List.of()));
        return register(Agent.class, controller);
    }

    /** Its server is made, or may be being made since before this process began: what was admitted as it is now keeps its place in the quota. */
    static boolean hasPlaceOnRecord(PlainVm vm) {
        return vm.getStatus() != null
                && (vm.getStatus().serverId() != null
                        || Condition.find(vm.getStatus().conditions(), Reasons.ADMITTED)
                                .filter(it -> it.holds()
                                        && Objects.equals(
                                                it.observedGeneration(),
                                                vm.getMetadata().getGeneration()))
                                .isPresent());
    }

    private static boolean waitsForQuota(Optional<List<Condition>> conditions) {
        return conditions
                .flatMap(it -> Condition.find(it, Reasons.READY))
                .filter(it -> it.reason().equals(Reasons.QUOTA_EXCEEDED))
                .isPresent();
    }

    /** The AgentImage that it was provisioned from, or will be; a clone's is known when it is provisioned. */
    private static Optional<String> imageOf(Agent agent) {
        return Optional.ofNullable(agent.getStatus())
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

    /** All of the account's that has things in the cloud. */
    public Stream<HasMetadata> allOf(String account) {
        return byIndex(BY_ACCOUNT, account);
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
