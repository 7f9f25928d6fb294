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

    /**
     * The answer by which the cloud refused the credential: to one of our calls, until a write is accepted again, or to
     * the inventory's last poll. A token that may only read answers each poll, so time alone proves nothing (H28).
     */
    public Optional<CloudException> credentialsRefused() {
        return backoff.lastFailure(provider, CREDENTIAL_CHECK)
                .map(FailureBackoff.Failure::error)
                .or(() -> inventory.lastFailure().filter(CloudException.Unauthorized.class::isInstance));
    }

    /** Records in the session what a call was answered, where that concerns more than the call. */
    public void recordCredentialFailure(CloudException error) {
        if (error instanceof CloudException.Unauthorized && mayProbe() && !provesWriteAccess()) {
            backoff.recordFailure(provider, CREDENTIAL_CHECK, 0, error);
        }
    }

    /**
     * Looks whether a refused credential may write again, as soon as its back-off allows.
     *
     * @return whether it may: then all that it held up can go on
     */
    public boolean recheckCredentials() {
        var refused = backoff.lastFailure(provider, CREDENTIAL_CHECK);
        if (refused.isEmpty() || !mayProbe() || !sealedKey.isConfirmed()) {
            return false; // until it is confirmed the check of the project is the probe
        }
        boolean accepted = provesWriteAccess();
        if (accepted) {
            backoff.clear(CloudException.Unauthorized.class);
        } else {
            backoff.recordFailure(provider, CREDENTIAL_CHECK, 0, refused.get().error());
        }
        return accepted;
    }

    /** A thousand calls that are refused at once are one refusal. */
    public boolean mayProbe() {
        return backoff.blocking(provider, CREDENTIAL_CHECK, 0).isEmpty();
    }

    private boolean provesWriteAccess() {
        try {
            return sealedKey.isConfirmed() && sealedKey.provesWriteAccess();
        } catch (CloudException unproven) {
            return false;
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
