package dev.anchorhold.operator.session;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.cloud.hetzner.HetznerClient;
import dev.anchorhold.cloud.hetzner.HetznerInventory;
import dev.anchorhold.operator.backoff.FailureBackoff;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Function;

/**
 * Open session of one ProviderConfig's Hetzner project: client, inventory, back-off, and what the installation has once
 * in it.
 *
 * @param backoff failures of its objects, by UID, and of its own things, such as {@code cx23@hel1}
 * @param sealedKey the project's key without a private half
 * @param denyAllFirewall the firewall of all Agents
 * @param sharedFirewallLocks a lock per shared firewall: held shared while one is being used in a call, exclusively
 * while it is made or deleted
 */
public record HetznerSession(
        String provider,
        String installation,
        HetznerClient client,
        HetznerInventory inventory,
        FailureBackoff backoff,
        SealedKey sealedKey,
        DenyAllFirewall denyAllFirewall,
        Function<String, ReadWriteLock> sharedFirewallLocks)
        implements AutoCloseable {

    /** What was refused to the credential itself; it concerns every object. */
    public static final String CREDENTIAL_CHECK = "credentials";

    /** The answer by which the cloud refused the credential: to one of our calls, or to the inventory's last poll. */
    public Optional<CloudException> credentialsRefused() {
        return backoff.blocking(provider, CREDENTIAL_CHECK, 0)
                .map(FailureBackoff.Failure::error)
                .or(() -> backoff.lastFailure(provider, CREDENTIAL_CHECK)
                        .map(FailureBackoff.Failure::error)
                        .filter(e -> e.code().equals("token_readonly"))) // another token is another session
                .or(() -> inventory.lastFailure().filter(CloudException.Unauthorized.class::isInstance));
    }

    /** Records in the session what a call was answered, where that concerns more than the call. */
    public void recordCredentialFailure(CloudException error) {
        if (error instanceof CloudException.Unauthorized) {
            backoff.recordFailure(provider, CREDENTIAL_CHECK, 0, error);
        }
    }

    /** An object is gone: nothing is kept of it. */
    public void forget(String uid) {
        backoff.forget(uid);
        inventory.forget(uid);
    }

    @Override
    public void close() {
        inventory.close();
    }
}
