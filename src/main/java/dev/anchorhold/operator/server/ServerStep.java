package dev.anchorhold.operator.server;

/** A step on a server that exists, of whatever kind. Each may be repeated after any crash. */
public sealed interface ServerStep {

    /** The step's name among failures and in logs. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** It changes nothing: a hold does not keep it back. */
    default boolean onlyLooks() {
        return this instanceof RereadServer;
    }

    /** {@code sharedFirewall} is the firewall's name when others may want it, else empty. */
    record AttachFirewall(long firewallId, long serverId, String sharedFirewall) implements ServerStep {}

    record DetachFirewall(long firewallId, long serverId) implements ServerStep {}

    record PowerOn(long serverId) implements ServerStep {}

    /** Asks the guest. */
    record Shutdown(long serverId) implements ServerStep {}

    /** Cuts the power. */
    record PowerOff(long serverId) implements ServerStep {}

    record DeleteServer(long serverId) implements ServerStep {}

    /** Takes our labels off: it stays, and is no longer ours. */
    record DisownServer(long serverId) implements ServerStep {}

    /** Reads the server again: the cloud has no action for a guest that has shut down. */
    record RereadServer(long serverId) implements ServerStep {}
}
