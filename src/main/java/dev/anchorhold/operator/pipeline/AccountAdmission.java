package dev.anchorhold.operator.pipeline;

import static dev.anchorhold.resource.Reasons.*;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.session.CloudSessions;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Account;
import dev.anchorhold.resource.ProviderConfig;
import dev.anchorhold.resource.ProviderConfigSpec;
import dev.anchorhold.resource.Region;
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
                            + " cannot move between clouds; set spec.account back",
                    providerName.get(),
                    accountName,
                    accountProvider);
        }
        return unusable.map(c -> new AdmissionRefusal(c.reason(), c.message()));
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
                        "Account '%s' may have %d %s (spec.quotas.%s) and has them; delete one, or have the quota"
                                + " raised",
                        accountName,
                        quota,
                        plural,
                        field);
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
