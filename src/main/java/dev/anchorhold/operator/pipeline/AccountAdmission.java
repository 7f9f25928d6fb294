package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import dev.anchorhold.resource.Region;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * Admission of an object by its account: looks up Account, ProviderConfig and session, and checks quota and size; the
 * same for all kinds.
 *
 * @param accountName as its spec has it
 * @param providerName where it stands; before it stands anywhere, where its account builds
 */
public record AccountAdmission(
        String accountName,
        Optional<Account> account,
        Optional<String> providerName,
        Optional<ProviderConfig> provider,
        Optional<HetznerSession> session,
        Optional<CloudSessions.Unusable> unusable) {

    /** @param currentProvider the ProviderConfig in whose cloud it stands, null before it stands anywhere */
    public static AccountAdmission of(Fleet fleet, CloudSessions sessions, String accountName, String currentProvider) {
        var account = fleet.account(accountName);
        var name = Optional.ofNullable(currentProvider)
                .or(() -> account.map(a -> a.getSpec().providerConfigRef().name()));
        return new AccountAdmission(
                accountName,
                account,
                name,
                name.flatMap(fleet::provider),
                name.flatMap(sessions::get),
                name.flatMap(sessions::whyUnusable));
    }

    /** Why nothing may be done for it, whatever it is. */
    public Optional<AdmissionRefusal> refusal() {
        if (account.isEmpty()) {
            return AdmissionRefusal.of(ACCOUNT_NOT_FOUND, "spec.account: there is no Account '%s'", accountName);
        }
        String accountProvider = account.get().getSpec().providerConfigRef().name();
        if (provider.isEmpty()) {
            return AdmissionRefusal.of(
                    PROVIDER_CONFIG_NOT_FOUND,
                    "there is no ProviderConfig '%s', in which Account '%s' builds or the server stands; create it",
                    providerName.orElse(accountProvider),
                    accountName);
        }
        if (!providerName.get().equals(accountProvider)) {
            return AdmissionRefusal.of(
                    PROVIDER_CONFIG_DIFFERS,
                    "the server stands in the cloud of ProviderConfig '%s', and Account '%s' builds in '%s': a server"
                            + " cannot move between clouds; set spec.account, or that Account's spec.providerConfigRef, back",
                    providerName.get(),
                    accountName,
                    accountProvider);
        }
        return unusable.map(c -> new AdmissionRefusal(c.reason(), c.message()));
    }

    /**
     * Whether the account takes something new: not while it is being deleted, as a terminating namespace, and only from
     * the namespaces that it names. What it has goes on.
     */
    public Optional<AdmissionRefusal> checkOpenTo(String namespace) {
        var open = account.orElseThrow();
        if (open.getMetadata().getDeletionTimestamp() != null) {
            return AdmissionRefusal.of(
                    ACCOUNT_DELETING,
                    "spec.account: Account '%s' is being deleted, and takes nothing new; name another",
                    accountName);
        }
        if (provider.filter(it -> it.getMetadata().getDeletionTimestamp() != null)
                .isPresent()) {
            return AdmissionRefusal.of(
                    PROVIDER_CONFIG_DELETING,
                    "ProviderConfig '%s', in which Account '%s' builds, is being deleted, and takes nothing new; what stands goes on."
                            + " Have another ProviderConfig made, and the Account name that",
                    providerName.orElseThrow(),
                    accountName);
        }
        return Optional.ofNullable(open.getSpec().namespaces())
                        .orElse(List.of())
                        .contains(namespace)
                ? Optional.empty()
                : AdmissionRefusal.of(
                        NAMESPACE_NOT_ALLOWED,
                        "spec.account: Account '%s' does not name the namespace '%s' (spec.namespaces); name another"
                                + " account, or ask whoever runs this installation to have it added",
                        accountName,
                        namespace);
    }

    /**
     * Whether the account has room for one more.
     *
     * @param quota null for none
     * @param hasRoom whether the object is within a quota, with those of the account's that come before it
     * @param field the quota's name in the Account's spec
     */
    public Optional<AdmissionRefusal> checkQuota(Integer quota, IntPredicate hasRoom, String plural, String field) {
        return quota == null || hasRoom.test(quota)
                ? Optional.empty()
                : AdmissionRefusal.of(
                        QUOTA_EXCEEDED,
                        "Account '%s' may have %d %s (spec.quotas.%s)%s have the quota raised",
                        accountName,
                        quota,
                        plural,
                        field,
                        quota == 0 ? ":" : " and has them; delete one, or");
    }

    /** Whether a browser will get to the provider's Agents: it refuses what no certificate covers. */
    public static Optional<AdmissionRefusal> checkDomain(ProviderConfig provider) {
        var spec = provider.getSpec().cloudflare();
        return spec == null || spec.coversDomain()
                ? Optional.empty()
                : AdmissionRefusal.of(
                        DOMAIN_NOT_COVERED,
                        "ProviderConfig '%s' spec.cloudflare.domain: '%s' is below the zone '%s', and Cloudflare's own"
                                + " certificates cover names one level below a zone, so that browsers refuse %s. Order a"
                                + " certificate for *.%2$s there and set spec.cloudflare.certificate: Advanced, or use a"
                                + " ProviderConfig whose domain is its zone",
                        provider.getMetadata().getName(),
                        spec.domainOrZone(),
                        spec.zone(),
                        spec.url("NAME." + spec.domainOrZone()));
    }

    /** Whether the provider has the size in the region. */
    public Optional<AdmissionRefusal> checkSize(String size, Region region) {
        var sizes = provider.orElseThrow().getSpec();
        return sizes.size(size).filter(s -> !s.candidates(region).isEmpty()).isPresent()
                ? Optional.empty()
                : AdmissionRefusal.of(
                        SIZE_UNKNOWN,
                        "spec.size: ProviderConfig '%s' has no size '%s' in region %s; it has: %s",
                        providerName.orElseThrow(),
                        size,
                        region.key(),
                        sizes.sizes().stream()
                                .filter(s -> !s.candidates(region).isEmpty())
                                .map(ProviderConfigSpec.ServerSize::name)
                                .collect(Collectors.joining(", ")));
    }
}
