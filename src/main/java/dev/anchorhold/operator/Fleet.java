package dev.anchorhold.operator;

import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.AccountStatus;
import dev.anchorhold.resource.Agent;
import dev.anchorhold.resource.AgentImage;
import dev.anchorhold.resource.AgentStatus;
import dev.anchorhold.resource.PlainVm;
import dev.anchorhold.resource.ProviderConfig;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * All objects of our kinds, as the controllers' own caches have them, and the bell by which one kind's reconciler wakes
 * another's. Each controller brings its cache as it starts; nothing is decided before all of them are there.
 */
public final class Fleet {
    private static final String BY_ACCOUNT = "account";
    private static final String BY_PROVIDER = "provider";
    private static final String BY_UID = "uid";
    private static final String BY_IMAGE = "image";

    /** Of those that were made within a second nobody can tell the older: then any order will do. */
    private static final Comparator<HasMetadata> OLDEST_FIRST = Comparator.comparing(
                    (HasMetadata it) -> it.getMetadata().getCreationTimestamp())
            .thenComparing(it -> it.getMetadata().getUid());

    private final Map<Class<?>, Kind<?>> kinds = new ConcurrentHashMap<>();
    private volatile boolean complete;

    private record Kind<T extends HasMetadata>(IndexerResourceCache<T> cache, SimpleInboundEventSource<T> bell) {}

    public SimpleInboundEventSource<PlainVm> joinPlainVms(IndexerResourceCache<PlainVm> cache) {
        cache.addIndexers(Map.of(
                BY_ACCOUNT, vm -> List.of(vm.getSpec().account()),
                BY_UID, vm -> List.of(vm.getMetadata().getUid())));
        return join(PlainVm.class, cache);
    }

    public SimpleInboundEventSource<Agent> joinAgents(IndexerResourceCache<Agent> cache) {
        cache.addIndexers(Map.of(
                BY_ACCOUNT, a -> List.of(a.getSpec().account()),
                BY_UID, a -> List.of(a.getMetadata().getUid()),
                BY_IMAGE, a -> imageOf(a).stream().toList()));
        return join(Agent.class, cache);
    }

    /** The AgentImage that it was provisioned from, or will be; a clone's is known when it is provisioned. */
    private static Optional<String> imageOf(Agent agent) {
        return Optional.ofNullable(agent.getStatus())
                .map(AgentStatus::agentImage)
                .or(() -> Optional.ofNullable(agent.getSpec().image()));
    }

    public SimpleInboundEventSource<AgentImage> joinAgentImages(IndexerResourceCache<AgentImage> cache) {
        return join(AgentImage.class, cache);
    }

    public SimpleInboundEventSource<Account> joinAccounts(IndexerResourceCache<Account> cache) {
        cache.addIndexers(
                Map.of(BY_PROVIDER, a -> List.of(a.getSpec().providerConfigRef().name())));
        return join(Account.class, cache);
    }

    public SimpleInboundEventSource<ProviderConfig> joinProviders(IndexerResourceCache<ProviderConfig> cache) {
        return join(ProviderConfig.class, cache);
    }

    private <T extends HasMetadata> SimpleInboundEventSource<T> join(Class<T> type, IndexerResourceCache<T> cache) {
        var bell = new SimpleInboundEventSource<T>("bell");
        kinds.put(type, new Kind<>(cache, bell));
        return bell;
    }

    /** All caches are filled: from now on "not there" means so. */
    public void complete() {
        complete = true;
    }

    public boolean isComplete() {
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

    /** The account's VMs, in no order. */
    public List<PlainVm> plainVmsOf(String account) {
        return cache(PlainVm.class).byIndex(BY_ACCOUNT, account);
    }

    public Stream<PlainVm> plainVms() {
        return cache(PlainVm.class).list();
    }

    public Optional<PlainVm> plainVm(String uid) {
        return cache(PlainVm.class).byIndex(BY_UID, uid).stream().findFirst();
    }

    public Optional<AgentImage> agentImage(String name) {
        return cache(AgentImage.class).get(new ResourceID(name));
    }

    /** The account's Agents, in no order. */
    public List<Agent> agentsOf(String account) {
        return cache(Agent.class).byIndex(BY_ACCOUNT, account);
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
    public Optional<HasMetadata> owner(String uid) {
        return plainVm(uid).<HasMetadata>map(vm -> vm).or(() -> agent(uid));
    }

    /** All of the account's that has things in the cloud. */
    public Stream<HasMetadata> allOf(String account) {
        return Stream.concat(plainVmsOf(account).stream(), agentsOf(account).stream());
    }

    /** How many come before it when a quota is given out: first those that stand, then the oldest. */
    public static <T extends HasMetadata> long before(T object, List<T> all, Predicate<T> stands) {
        Comparator<T> order = Comparator.comparing((T it) -> !stands.test(it)).thenComparing(OLDEST_FIRST);
        String uid = object.getMetadata().getUid();
        return all.stream()
                .filter(other -> !other.getMetadata().getUid().equals(uid) && order.compare(other, object) < 0)
                .count();
    }

    /** Has the account looked at soon when its status tells of another number of its objects than there are. */
    public void wakeToCount(
            String account, Function<AccountStatus, Integer> counted, Function<String, ? extends List<?>> objects) {
        if (complete) {
            account(account)
                    .filter(a -> a.getStatus() == null
                            || !Objects.equals(
                                    counted.apply(a.getStatus()),
                                    objects.apply(account).size()))
                    .ifPresent(this::wake);
        }
    }

    /** Has the object looked at soon. */
    public void wake(HasMetadata object) {
        Kind<?> kind = kinds.get(object.getClass());
        if (complete && kind != null) {
            kind.bell.propagateEvent(ResourceID.fromResource(object));
        }
    }

    @SuppressWarnings("unchecked")
    private <T extends HasMetadata> IndexerResourceCache<T> cache(Class<T> type) {
        return ((Kind<T>) kinds.get(type)).cache;
    }
}
